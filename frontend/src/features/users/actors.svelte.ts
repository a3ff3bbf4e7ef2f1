import { host, toFault, type ActorInfo, type Fault } from '../../host';
import { plain } from '../../lib/visible';
import type { Option } from '../../ui/combobox';

const pause = 150;

/** Finds actors that can be linked: those that came in through other doors. */
export class ActorSearch {
  found = $state.raw<readonly ActorInfo[]>([]);
  fault = $state.raw<Fault | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: AbortController | undefined;

  /** Looks once a person has stopped typing for a moment. */
  search(typed: string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(typed), this.found.length === 0 ? 0 : pause);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.running?.abort();
  }

  private async ask(typed: string): Promise<void> {
    this.running?.abort();
    const running = (this.running = new AbortController());
    try {
      const { actors } = await host().call('actors', { search: typed.trim(), limit: 100 }, { signal: running.signal });
      this.found = linkable(actors);
      this.fault = null;
    } catch (cause) {
      const fault = toFault(cause);
      if (fault.code !== 'aborted') this.fault = fault;
    }
  }
}

/** Without this log's own identities: they belong to their users for good. */
export function linkable(actors: readonly ActorInfo[]): ActorInfo[] {
  return actors.filter(({ actor }) => actor.source !== 'self' && actor.id !== '');
}

/** The actors as lines of a list, by their source. */
export function options(actors: readonly ActorInfo[], taken: (actor: ActorInfo) => string): Option[] {
  return actors
    .map((one) => ({ value: one.actor.id, label: plain(one.actor.name), detail: taken(one), group: one.actor.source }))
    .sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : 0));
}
