// Activities made up from their number: the same number always gives the same one,
// so a log of ten million needs no memory. For tests and design work only.
import type { Activity, Change, Part, TypeInfo } from './api';
import { Fault } from './fault';
import type { Log } from './memory';
import { parse } from '../lib/query/parse';

const people = [
  ['ada', 'Ada Example'],
  ['bela', 'Béla Példa'],
  ['chika', 'Chika Rei'],
  ['deniz', 'Deniz Örnek'],
  ['elif', 'Elif Misal'],
  ['farid', 'Farid Mithal'],
  ['greta', 'Greta Muster'],
  ['hugo', 'Hugo Exemplo'],
  ['backup', 'backup'],
] as const;

interface Kind {
  id: string;
  label: string;
  category: string;
  icon: string;
  tone: string;
  text: [string, string];
  object: string | null;
  fields: string[];
  result?: string;
}

const kinds: Kind[] = [
  {
    id: 'GoalChanged',
    label: 'Goal changed',
    category: 'goals',
    icon: 'target',
    tone: 'update',
    text: ['changed the goal ', ''],
    object: 'goal',
    fields: ['name', 'pattern', 'revenue', 'description'],
  },
  {
    id: 'UserLoggedIn',
    label: 'User signed in',
    category: 'users',
    icon: 'log-in',
    tone: 'access',
    text: ['signed in', ''],
    object: null,
    fields: [],
  },
  {
    id: 'SegmentAdded',
    label: 'Segment added',
    category: 'segments',
    icon: 'filter',
    tone: 'create',
    text: ['added the segment ', ' for every site'],
    object: 'segment',
    fields: [],
  },
  {
    id: 'UserFailedToLogIn',
    label: 'User failed to sign in',
    category: 'users',
    icon: 'circle-alert',
    tone: 'access',
    text: ['failed to sign in', ''],
    object: null,
    fields: [],
    result: 'failed',
  },
  {
    id: 'ReportDeleted',
    label: 'Report deleted',
    category: 'reports',
    icon: 'file-minus',
    tone: 'delete',
    text: ['deleted the report ', ''],
    object: 'report',
    fields: [],
  },
  {
    id: 'SystemSettingsUpdated',
    label: 'System settings updated',
    category: 'settings',
    icon: 'settings',
    tone: 'system',
    text: ['updated the system settings', ''],
    object: null,
    fields: ['gravatar', 'language'],
  },
  {
    id: 'SiteAccessChanged',
    label: 'Site access changed',
    category: 'users',
    icon: 'key-round',
    tone: 'access',
    text: ['changed the site access of ', ''],
    object: 'user',
    fields: ['level'],
  },
  {
    id: 'AnnotationAdded',
    label: 'Annotation added',
    category: 'annotations',
    icon: 'message-square',
    tone: 'create',
    text: ['added the annotation ', ''],
    object: 'annotation',
    fields: [],
  },
];

export const types: TypeInfo[] = kinds.map((kind) => ({
  id: kind.id,
  label: kind.label,
  category: kind.category,
  categoryLabel: kind.category.slice(0, 1).toUpperCase() + kind.category.slice(1),
  icon: kind.icon,
  tone: kind.tone,
  parameters: kind.object
    ? [
        { name: 'name', label: 'Name', kind: 'text', required: true, secret: false },
        { name: 'count', label: 'Count', kind: 'number', required: false, secret: false },
      ]
    : [],
  known: true,
  recordable: kind.object !== null,
}));

function hash(n: number): number {
  let x = (n ^ 0x9e3779b9) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

const words = [
  'Newsletter',
  'Checkout',
  'Sign-up',
  'Spring sale',
  'Returning visitors',
  'Weekly numbers',
  'Landing page',
];

function change(field: string, seed: number): Change {
  const word = words[seed % words.length] ?? '';
  switch (field) {
    case 'revenue':
      return { field, old: (seed % 900) / 10, new: ((seed >>> 4) % 900) / 10 };
    case 'gravatar':
      return { field, old: false, new: true };
    case 'level':
      return { field, old: seed % 2 ? 'view' : null, new: 'admin' };
    case 'description':
      return {
        field,
        old: `Counts every visit to the ${word} page`,
        new: `Counts each first visit to the ${word} form`,
      };
    default:
      return { field, old: word, new: `${word} ${2026 - (seed % 4)}` };
  }
}

/** Where the newest activity stands in time. */
const newest = Date.UTC(2026, 10, 23, 9, 30, 0);

function occurred(index: number, size: number): number {
  // Three years, thinner in the past, with quiet nights.
  const back = size - 1 - index;
  const share = size > 1 ? back / (size - 1) : 0;
  const span = Math.min(94_600_000_000, size * 9_000);
  return Math.round(newest - span * (0.75 * share + 0.25 * share * share));
}

/** Activity number `index` (from 0, oldest first) of a log of a size. */
export function activity(index: number, size: number): Activity {
  const h = hash(index);
  const [login, label] = people[h % people.length] ?? people[0];
  const kind = kinds[(h >>> 5) % kinds.length] ?? (kinds[0] as Kind);
  const name = `${words[(h >>> 9) % words.length] ?? ''} ${(h >>> 12) % 4000}`;
  const id = String((h >>> 7) % 50_000);
  const object = kind.object ? { kind: kind.object, id, name: index % 97 === 0 ? `shop\u202Egnp.exe` : name } : null;
  const sentence: Part[] = [{ kind: 'text', text: kind.text[0], filter: '' }];
  if (object) sentence.push({ kind: 'object', text: object.name, filter: `object:${object.kind}:${object.id}` });
  if (kind.text[1]) sentence.push({ kind: 'text', text: kind.text[1], filter: '' });
  const at = occurred(index, size);
  const some = kind.fields.length > 1 ? 1 + ((h >>> 15) % kind.fields.length) : kind.fields.length;
  return {
    id: String(index + 1),
    occurredAt: at,
    offsetMinutes: 60,
    recordedAt: at + 40,
    type: kind.id,
    typeLabel: kind.label,
    category: kind.category,
    categoryLabel: kind.category,
    icon: kind.icon,
    tone: kind.tone,
    actor: {
      id: String((h % people.length) + 1),
      kind: login === 'backup' ? 'service' : 'user',
      source: h % 11 ? 'self' : 'import:cloudtrail/main',
      name: login,
      user: null,
      label,
    },
    object,
    site: { id: '1', kind: 'website', name: 'This log' },
    source: h % 11 ? 'self' : 'import:cloudtrail/main',
    reportedBy: '',
    result: kind.result ?? (h % 53 === 0 ? 'denied' : 'ok'),
    ip: `203.0.113.${h % 250}`,
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
    requestId: null,
    externalId: null,
    changes: kind.fields.slice(0, some).map((field, i) => change(field, h >>> i)),
    parameters: object ? { name: object.name, options: { exact: true, tags: ['a', 'b'] } } : {},
    sentence,
  };
}

/** A log of a size, with room for what is recorded later. */
export function generated(size: number): Log & { push(activity: Activity): void } {
  const later: Activity[] = [];
  return {
    get size() {
      return size + later.length;
    },
    at: (index) => (index < size ? activity(index, size) : (later[index - size] as Activity)),
    push: (one) => void later.push(one),
    matcher,
  };
}

/** A small part of the query language: enough to see filters work. */
export function matcher(query: string): ((activity: Activity) => boolean) | null {
  const terms = parse(query);
  if (terms.length === 0) return null;
  for (const term of terms) {
    const column = Array.from(query.slice(0, term.start)).length + 1;
    if (term.field && term.value === '') throw new Fault('invalid', `Column ${column}: A value is missing.`, 'query');
    if (!term.field && /^[a-z]+:/.test(query.slice(term.start))) {
      throw new Fault('invalid', `Column ${column}: There is no such field.`, 'query');
    }
  }
  return (one) => {
    const byField = new Map<string, boolean>();
    for (const term of terms) {
      const hit = holds(one, term.field, term.value);
      if (term.negated) {
        if (hit) return false;
      } else if (term.field) byField.set(term.field, (byField.get(term.field) ?? false) || hit);
      else if (!hit) return false;
    }
    return [...byField.values()].every(Boolean);
  };
}

function holds(one: Activity, field: string | null, value: string): boolean {
  const low = value.toLowerCase();
  switch (field) {
    case 'actor':
      return value === 'me'
        ? one.actor.name === 'ada'
        : one.actor.name === low || one.actor.label.toLowerCase() === low;
    case 'type':
      return one.type.toLowerCase() === low;
    case 'category':
      return one.category === low;
    case 'object':
      return one.object !== null && `${one.object.kind}:${one.object.id}`.startsWith(low);
    case 'ip':
      return one.ip === value;
    case 'result':
      return one.result === low;
    case 'source':
      return one.source === value || one.source.startsWith(value + ':') || one.source.startsWith(value + '/');
    case 'site':
      return one.site?.id === value || one.site?.name.toLowerCase() === low;
    case 'after':
      return one.occurredAt >= Date.parse(value);
    case 'before':
      return one.occurredAt < Date.parse(value);
    case 'on':
      return new Date(one.occurredAt).toISOString().startsWith(value);
    case null:
      return JSON.stringify([one.object, one.changes, one.actor.name]).toLowerCase().includes(low);
    default:
      return true;
  }
}
