import type { Activity } from '../../host';
import type { Condition } from '../../lib/query/edit';
import { print } from '../../lib/query/parse';
import { m } from '../../lib/paraglide/messages';
import { plain } from '../../lib/visible';
import type { MenuGroups, MenuItem } from '../../ui/menu';
import { conditionsOf } from './conditions';

interface Doing {
  filter: (condition: Condition, negated: boolean) => void;
  open: () => void;
  around: () => void;
  link: () => void;
}

/** A row's menu: only or without anything it holds, and where else to look. */
export function menuOf(activity: Activity, everybody: boolean, doing: Doing): MenuGroups {
  const conditions = conditionsOf(activity, everybody);
  const keys: Partial<Record<Condition['field'], [string, string]>> = { actor: ['f', 'F'], type: ['a', 'A'] };
  const item = (condition: Condition, negated: boolean): MenuItem => {
    const term = plain(print(condition.field, condition.value));
    const key = keys[condition.field]?.[negated ? 1 : 0];
    return {
      id: `${negated ? '-' : ''}${condition.field}`,
      label: negated ? m.timeline_without({ term }) : m.timeline_only({ term }),
      ...(key ? { keys: key } : {}),
      run: () => doing.filter(condition, negated),
    };
  };
  return [
    [
      { id: 'open', label: m.timeline_key_open(), keys: 'Enter', run: doing.open },
      { id: 'around', label: m.timeline_around(), run: doing.around },
      { id: 'link', label: m.timeline_copy_link(), keys: 'c', run: doing.link },
    ],
    conditions.map((condition) => item(condition, false)),
    conditions.map((condition) => item(condition, true)),
  ];
}
