import { m } from '../../lib/paraglide/messages';

/** The states a ledger can be in, as a person should read them. */
export interface State {
  id: 'verified' | 'sealed' | 'unsealed' | 'rolled_back' | 'altered' | 'key_missing';
  title: string;
  /** What it means. */
  meaning: string;
  /** What to do about it, "" where nothing is to be done. */
  advice: string;
  tone: 'good' | 'open' | 'bad';
}

const ids: State['id'][] = ['verified', 'sealed', 'unsealed', 'rolled_back', 'altered', 'key_missing'];

const words: Record<State['id'], () => Omit<State, 'id'>> = {
  verified: () => ({ title: m.integrity_verified(), meaning: m.integrity_verified_means(), advice: '', tone: 'good' }),
  sealed: () => ({
    title: m.integrity_not_verified(),
    meaning: m.integrity_not_verified_means(),
    advice: m.integrity_not_verified_advice(),
    tone: 'open',
  }),
  unsealed: () => ({
    title: m.integrity_unsealed(),
    meaning: m.integrity_unsealed_means(),
    advice: m.integrity_unsealed_advice(),
    tone: 'open',
  }),
  rolled_back: () => ({
    title: m.integrity_rolled_back(),
    meaning: m.integrity_rolled_back_means(),
    advice: m.integrity_rolled_back_advice(),
    tone: 'bad',
  }),
  altered: () => ({
    title: m.integrity_altered(),
    meaning: m.integrity_altered_means(),
    advice: m.integrity_altered_advice(),
    tone: 'bad',
  }),
  key_missing: () => ({
    title: m.integrity_key_missing(),
    meaning: m.integrity_key_missing_means(),
    advice: m.integrity_key_missing_advice(),
    tone: 'bad',
  }),
};

/** The words of a state; null for one this program does not know. */
export function stateOf(id: string): State | null {
  const known = ids.find((one) => one === id);
  return known ? { id: known, ...words[known]() } : null;
}

/** Every state, for the explanations. */
export function allStates(): State[] {
  return ids.map((id) => ({ id, ...words[id]() }));
}
