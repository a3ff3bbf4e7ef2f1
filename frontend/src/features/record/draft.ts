import { parseDateTime, toZoned } from '@internationalized/date';
import type { Draft, ParamInfo, TypeInfo } from '../../host';

/** What a person filled in, as text; the type says what becomes of it. */
export interface Filled {
  type: string;
  /** "" is now; otherwise as an <input type="datetime-local"> has it, in the viewer's zone. */
  when: string;
  site: string;
  result: string;
  actor: string;
  object: { kind: string; id: string; name: string };
  changes: { field: string; old: string; new: string }[];
  /** By parameter name. Flags are "", "true" or "false"; lists have one value a line. */
  parameters: Record<string, string>;
  /** Ids of entities, by parameter name; their names stand in `parameters`. */
  ids: Record<string, string>;
}

/** Why something cannot be sent, by field, in the codes the dialog has words for. */
export type Wrong = Record<string, 'required' | 'number' | 'date'>;

/** An empty form. */
export function blank(): Filled {
  return {
    type: '',
    when: '',
    site: '',
    result: 'ok',
    actor: '',
    object: { kind: '', id: '', name: '' },
    changes: [],
    parameters: {},
    ids: {},
  };
}

/** What is wrong before anybody is asked: what is missing, and what is no number or date. */
export function check(filled: Filled, type: TypeInfo | undefined, zone: string): Wrong {
  const wrong: Wrong = {};
  if (!type) wrong['type'] = 'required';
  for (const parameter of type?.parameters ?? []) {
    const text = (filled.parameters[parameter.name] ?? '').trim();
    const field = `parameters.${parameter.name}`;
    if (text === '') {
      if (parameter.required || (filled.ids[parameter.name] ?? '').trim() !== '') wrong[field] = 'required';
    } else if (parameter.kind === 'number' && !isNumber(text)) wrong[field] = 'number';
  }
  if (filled.when !== '' && instant(filled.when, zone) === null) wrong['occurredAt'] = 'date';
  filled.changes.forEach((change, i) => {
    const empty = change.old.trim() === '' && change.new.trim() === '';
    if (change.field.trim() === '' && !empty) wrong[`changes.${i}`] = 'required';
  });
  return wrong;
}

/** The draft to send. What was left empty is left out. */
export function build(filled: Filled, type: TypeInfo, zone: string): Draft {
  const draft: Draft = { type: type.id };
  const at = filled.when === '' ? null : instant(filled.when, zone);
  if (at !== null) draft.occurredAt = at;
  if (filled.site !== '') draft.site = filled.site;
  if (filled.result !== 'ok') draft.result = filled.result;
  if (filled.actor.trim() !== '') draft.actor = filled.actor.trim();
  const { kind, id, name } = filled.object;
  if ([kind, id, name].some((text) => text.trim() !== '')) {
    draft.object = { kind: kind.trim(), id: id.trim(), name: name.trim() };
  }
  const changes = filled.changes
    .filter((change) => change.field.trim() !== '')
    .map((change) => ({ field: change.field.trim(), old: value(change.old), new: value(change.new) }));
  if (changes.length > 0) draft.changes = changes;
  const parameters = parametersOf(filled, type.parameters);
  if (Object.keys(parameters).length > 0) draft.parameters = parameters;
  return draft;
}

function parametersOf(filled: Filled, parameters: readonly ParamInfo[]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const parameter of parameters) {
    const raw = filled.parameters[parameter.name] ?? '';
    if (raw.trim() === '') continue;
    // Spaces around a secret may belong to it.
    const text = parameter.secret ? raw : raw.trim();
    switch (parameter.kind) {
      case 'number':
        // As text where a number would lose digits; Go reads both.
        result[parameter.name] = String(Number(text)) === text ? Number(text) : text;
        break;
      case 'flag':
        result[parameter.name] = text === 'true';
        break;
      case 'list':
        result[parameter.name] = lines(raw);
        break;
      case 'entity': {
        const id = (filled.ids[parameter.name] ?? '').trim();
        result[parameter.name] = id === '' ? { name: text } : { id, name: text };
        break;
      }
      default:
        result[parameter.name] = text;
    }
  }
  return result;
}

/** The lines of a text that have something on them. */
export function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** A changed field's value: null for none, numbers and flags as such, text as it is. */
export function value(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
  return String(Number(trimmed)) === trimmed ? Number(trimmed) : text;
}

/** RFC 3339 with the zone's offset then; null if it is no time. */
export function instant(local: string, zone: string): string | null {
  try {
    return toZoned(parseDateTime(local), zone)
      .toString()
      .replace(/\[[^\]]*\]$/, '');
  } catch {
    return null;
  }
}

function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
}

/** Whether a fault's field is the one asked for, or a part of it. */
export function blames(faultField: string, field: string): boolean {
  return faultField === field || faultField.startsWith(`${field}.`);
}
