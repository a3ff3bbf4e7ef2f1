import { rank } from '../lib/rank';

/** A line of a Combobox. */
export interface Option {
  value: string;
  label: string;
  /** Shown quietly behind the label, and found by too. */
  detail?: string;
  /** Options with the same group follow one another under its name. */
  group?: string;
}

/** How many lines a list shows at most: nobody reads further, and typing narrows it. */
export const most = 200;

/** The options that answer what was typed, best first inside their groups; groups by their best. */
export function narrow(options: readonly Option[], typed: string): Option[] {
  if (typed.trim() === '') return options.slice(0, most);
  const scored = options
    .map((option) => ({
      option,
      score: Math.max(
        rank(typed, option.label),
        0.9 * rank(typed, option.detail ?? ''),
        0.6 * rank(typed, option.group ?? ''),
      ),
    }))
    .filter((one) => one.score >= 1)
    .sort((a, b) => b.score - a.score)
    .slice(0, most);
  const groups = new Map<string, Option[]>();
  for (const { option } of scored) {
    const name = option.group ?? '';
    groups.set(name, [...(groups.get(name) ?? []), option]);
  }
  return [...groups.values()].flat();
}

/** The options by their groups, in order. */
export function grouped(options: readonly Option[]): { group: string; options: { option: Option; index: number }[] }[] {
  const list: { group: string; options: { option: Option; index: number }[] }[] = [];
  options.forEach((option, index) => {
    const group = option.group ?? '';
    const last = list.at(-1);
    if (last && last.group === group) last.options.push({ option, index });
    else list.push({ group, options: [{ option, index }] });
  });
  return list;
}
