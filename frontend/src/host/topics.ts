import type { Topics } from './host';

type Listener = (event: never) => void;

/** Listeners by topic. `first` and `last` say when somebody starts and nobody goes on listening. */
export class Listeners {
  private readonly all = new Map<keyof Topics, Set<Listener>>();

  constructor(
    private readonly first: (topic: keyof Topics) => void = () => undefined,
    private readonly last: (topic: keyof Topics) => void = () => undefined,
  ) {}

  add<T extends keyof Topics>(topic: T, on: (event: Topics[T]) => void): () => void {
    let set = this.all.get(topic);
    if (!set) this.all.set(topic, (set = new Set()));
    set.add(on as Listener);
    if (set.size === 1) this.first(topic);
    return () => {
      if (!set.delete(on as Listener) || set.size > 0) return;
      this.last(topic);
    };
  }

  has(topic: keyof Topics): boolean {
    return (this.all.get(topic)?.size ?? 0) > 0;
  }

  tell<T extends keyof Topics>(topic: T, event: Topics[T]): void {
    for (const on of this.all.get(topic) ?? []) (on as (event: Topics[T]) => void)(event);
  }
}
