// What the query box offers while somebody types: from the term the caret stands in
// and what is known of the log.
import type { Actor, Site, TypeInfo } from '../../host';
import { fieldOf, fields, parse, quote, type Field, type Term } from '../../lib/query/parse';
import { rank } from '../../lib/rank';
import { actorValue } from './conditions';
import { nameOf } from './names';

export interface Known {
  types: readonly TypeInfo[];
  sites: readonly Pick<Site, 'name'>[];
  seenSites: readonly string[];
  actors: readonly { actor: Actor; n: number }[];
  /** Whether the reader may filter by who did it. */
  byActor: boolean;
  /** What the choices of a date field are: yesterday, a month and the like. */
  today: string;
}

export interface Suggestion {
  /** What takes the term's place. */
  insert: string;
  /** What is offered, in the reader's words. */
  label: string;
  /** What a field is about; "" for a value. */
  name: string;
  /** Shown quietly behind it. */
  detail: string;
  kind: 'field' | 'value';
  field: Field;
}

export interface Offer {
  /** The part of the text that a suggestion replaces. */
  start: number;
  end: number;
  list: Suggestion[];
}

const examples: Record<Field, string> = {
  actor: 'actor:ann',
  type: 'type:GoalAdded',
  category: 'category:goals',
  site: 'site:"My shop"',
  object: 'object:goal:7',
  ip: 'ip:203.0.113.0/24',
  result: 'result:denied',
  source: 'source:import',
  batch: 'batch:3',
  after: 'after:2026-11-23',
  before: 'before:2026-12',
  on: 'on:yesterday',
  last: 'last:7d',
};

/** The term the caret stands in or right behind, null between terms. */
export function termAt(text: string, caret: number): Term | null {
  return parse(text).find((term) => caret > term.start && caret <= term.end) ?? null;
}

/** What to search actors for at this place, null where none are wanted. */
export function actorSearch(text: string, caret: number): string | null {
  const term = termAt(text, caret);
  return term?.field === 'actor' ? term.value : null;
}

/** The suggestions at a place in the text, best first: every field, or a few values. */
export function suggest(text: string, caret: number, known: Known, most = 10): Offer {
  const term = termAt(text, caret);
  if (!term) return { start: caret, end: caret, list: fieldsFor('', false, known) };
  const { start, end } = term;
  if (term.quoted && !term.field) return { start, end, list: [] };
  const list = term.field
    ? valuesFor(term.field, term.value, term.negated, known)
    : [...fieldsFor(term.value, term.negated, known), ...typesForWord(term.value, term.negated, known)];
  const now = text.slice(start, end);
  return { start, end, list: list.filter((one) => one.insert !== now).slice(0, most) };
}

function fieldsFor(typed: string, negated: boolean, known: Known): Suggestion[] {
  const wanted = fieldOf(typed) ?? typed.toLowerCase();
  return fields
    .filter((field) => known.byActor || field !== 'actor')
    .filter((field) => !(negated && ['after', 'before', 'on', 'last'].includes(field)))
    .filter((field) => field.startsWith(wanted) || (typed.length > 1 && 'user'.startsWith(wanted) && field === 'actor'))
    .map((field) => ({
      insert: `${negated ? '-' : ''}${field}:`,
      label: `${field}:`,
      name: nameOf(field),
      detail: examples[field],
      kind: 'field',
      field,
    }));
}

function typesForWord(typed: string, negated: boolean, known: Known): Suggestion[] {
  return typed.length < 2 ? [] : valuesFor('type', typed, negated, known).slice(0, 5);
}

function valuesFor(field: Field, typed: string, negated: boolean, known: Known): Suggestion[] {
  return candidates(field, known)
    .map((one) => ({ one, score: Math.max(rank(typed, one.label), rank(typed, one.value), 0) }))
    .filter(({ score }) => score >= 1)
    .sort((a, b) => b.score - a.score)
    .map(({ one }) => ({
      insert: `${negated ? '-' : ''}${field}:${quote(one.value)}`,
      label: one.label,
      name: '',
      detail: one.detail,
      kind: 'value',
      field,
    }));
}

interface Candidate {
  value: string;
  label: string;
  detail: string;
}

function candidates(field: Field, known: Known): Candidate[] {
  switch (field) {
    case 'type':
      return known.types.map((type) => ({ value: type.id, label: type.label, detail: type.id }));
    case 'category':
      return [
        ...new Map(known.types.filter((type) => type.category).map((type) => [type.category, type.categoryLabel])),
      ].map(([value, label]) => ({ value, label, detail: value }));
    case 'site':
      return once(
        [...known.sites.map((site) => site.name), ...known.seenSites].filter(Boolean).flatMap((name) => plain(name)),
      );
    case 'actor':
      return once([{ value: 'me', label: 'me', detail: '' }, ...known.actors.flatMap(actorCandidate)]);
    case 'result':
      return plain('ok', 'failed', 'denied');
    case 'source':
      return plain('self', 'manual', 'cli', 'api', 'import');
    case 'last':
      return plain('1h', '24h', '7d', '4w', '3mo', '1y');
    case 'on':
    case 'after':
    case 'before':
      return plain('today', 'yesterday', known.today, known.today.slice(0, 7), known.today.slice(0, 4));
    default:
      return [];
  }
}

/** Each value once: what the condition finds is the same for all who go by it. */
function once(all: readonly Candidate[]): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const one of all) {
    const before = found.get(one.value);
    const detail = [before?.detail, one.detail].filter(Boolean).join(' · ');
    found.set(one.value, before ? { ...before, detail } : one);
  }
  return [...found.values()];
}

function actorCandidate({ actor }: { actor: Actor }): Candidate[] {
  const value = actorValue(actor);
  if (value === null) return [];
  const source = actor.source === 'self' ? '' : actor.source;
  return [
    {
      value,
      label: actor.label || value,
      detail: [actor.label === value ? '' : value, source].filter(Boolean).join(' · '),
    },
  ];
}

function plain(...values: string[]): Candidate[] {
  return values.map((value) => ({ value, label: value, detail: '' }));
}
