import { toFault, type Activity } from '../../host';
import { addText, toggle, type Condition } from '../../lib/query/edit';
import { print } from '../../lib/query/parse';
import { isoDay, offsetAt } from '../../lib/format';
import { appearance } from '../../state/appearance.svelte';
import { faultText } from '../../state/form.svelte';
import { session } from '../../state/session.svelte';
import { toasts } from '../../ui/toasts.svelte';
import { byActor, byType, isFailure } from './conditions';
import type { TimelineView } from './view.svelte';

/** How far a search among the rows reads on: 2,400 rows. */
const mostPages = 20;

interface Around {
  view: TimelineView;
  /** Whether the reader sees, and may filter by, everybody. */
  everybody: boolean;
  move: (to: number) => void;
  shown: () => { first: number; last: number };
  focusQuery: () => void;
  copyLink: () => void;
  pickDate: () => void;
  closeDetails: () => void;
}

/** What the timeline's commands do, by their ids in app/commands.ts. */
export function handlers(around: Around): Record<string, () => void> {
  const { view, everybody, move, shown } = around;
  const log = view.window;
  const here = (): number => log.indexOf(view.active);
  const row = () => log.rows[here()] ?? log.rows[shown().first];

  function step(by: number): void {
    const index = here();
    const { first, last } = shown();
    // From nowhere, or from far off the screen: start with what is seen.
    move(index < 0 || index < first - 200 || index > last + 200 ? first : index + by);
  }
  /** Goes to the next row of a kind, reading on for a while where it is not loaded. */
  async function find(by: 1 | -1, wanted: (index: number) => boolean): Promise<void> {
    let index = Math.max(0, here()) + by;
    for (let pages = 0; pages < mostPages; pages++) {
      for (; index >= 0 && index < log.rows.length; index += by) {
        if (wanted(index)) return move(index);
      }
      const before = log.rows.length;
      await (by > 0 ? log.older() : log.newer());
      const more = log.rows.length - before;
      if (more <= 0) break;
      if (by < 0) index += more;
    }
    if (by > 0) move(log.rows.length - 1);
  }
  function filterBy(conditionOf: (activity: Activity) => Condition | null, negated: boolean): void {
    const activity = row();
    const condition = activity ? conditionOf(activity) : null;
    if (condition) void view.apply(addText(view.asked, print(condition.field, condition.value, negated)));
  }
  function dayOf(index: number): string {
    const activity = log.rows[index];
    return activity ? isoDay(activity.occurredAt, appearance.where) : '';
  }
  function hourOf(index: number): number {
    const at = log.rows[index]?.occurredAt ?? 0;
    return Math.floor((at + offsetAt(at, appearance.where)) / 3_600_000);
  }
  /** To where the list begins, or to its end. */
  function go(end: boolean): void {
    void view.jump(end ? 'end' : null).then(() => move(end ? log.rows.length - 1 : 0));
  }
  /** To where the next day or hour begins on the screen. */
  function part(of: (index: number) => unknown, older: boolean): void {
    if (older === view.look.oldest) void find(-1, (i) => i === 0 || of(i) !== of(i - 1));
    else void find(1, (i) => of(i) !== of(i - 1));
  }
  const failure = (index: number): boolean => {
    const activity = log.rows[index];
    return activity !== undefined && isFailure(activity);
  };
  const page = (): number => Math.max(1, shown().last - shown().first - 1);

  const all: Record<string, () => void> = {
    'list.next': () => step(1),
    'list.previous': () => step(-1),
    'list.pageDown': () => move(Math.max(0, here()) + page()),
    'list.pageUp': () => move(Math.max(0, here()) - page()),
    'list.newest': () => go(view.look.oldest),
    'list.oldest': () => go(!view.look.oldest),
    'list.dayOlder': () => part(dayOf, true),
    'list.dayNewer': () => part(dayOf, false),
    'list.hourOlder': () => part(hourOf, true),
    'list.hourNewer': () => part(hourOf, false),
    'list.failureNext': () => void find(1, failure),
    'list.failurePrevious': () => void find(-1, failure),
    'list.open': () => {
      const activity = row();
      if (activity) view.select(view.selected === activity.id ? null : activity.id);
    },
    'list.expand': () => {
      const activity = row();
      if (activity) view.toggle(activity.id);
    },
    'list.expandAll': () => view.toggleAll(),
    'list.pause': () => view.pause(!view.paused),
    'list.copyLink': around.copyLink,
    'list.date': around.pickDate,
    'list.timeForm': () => {
      const order = ['absolute', 'relative', 'utc'] as const;
      const next = order[(order.indexOf(appearance.timeForm) + 1) % order.length];
      session.prefer({ timeForm: next ?? 'absolute' }).catch((cause: unknown) => toasts.say(faultText(toFault(cause))));
    },
    'query.focus': around.focusQuery,
    'filter.type': () => filterBy(byType, false),
    'filter.notType': () => filterBy(byType, true),
  };
  if (view.selected !== null) all['list.back'] = around.closeDetails;
  if (view.asked !== '') all['filter.clear'] = () => void view.apply('');
  if (everybody) {
    all['filter.actor'] = () => filterBy(byActor, false);
    all['filter.notActor'] = () => filterBy(byActor, true);
    all['filter.hideOwn'] = () => void view.apply(toggle(view.asked, { field: 'actor', value: 'me' }, true));
  }
  return all;
}
