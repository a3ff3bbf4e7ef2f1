import type { Column, Mapping, SavedMapping } from '../../host';
import { m } from '../../lib/paraglide/messages';

/** What a column can become, in the order in which it is offered. */
export const fields: readonly { value: string; label: string }[] = [
  { value: 'parameter', label: m.transfer_map_parameter() },
  { value: 'type', label: m.transfer_map_type() },
  { value: 'actor', label: m.transfer_map_actor() },
  { value: 'occurredAt', label: m.transfer_map_occurredAt() },
  { value: 'object.kind', label: m.transfer_map_object_kind() },
  { value: 'object.id', label: m.transfer_map_object_id() },
  { value: 'object.name', label: m.transfer_map_object_name() },
  { value: 'site', label: m.transfer_map_site() },
  { value: 'ip', label: m.transfer_map_ip() },
  { value: 'result', label: m.transfer_map_result() },
  { value: 'userAgent', label: m.transfer_map_userAgent() },
  { value: 'requestId', label: m.transfer_map_requestId() },
  { value: 'externalId', label: m.transfer_map_externalId() },
  { value: 'nothing', label: m.transfer_map_nothing() },
];

/** What a column becomes; a parameter where the mapping does not say. */
export function fieldOf(mapping: Mapping, column: string): string {
  return mapping.columns.find((one) => one.name === column)?.field ?? 'parameter';
}

/** A mapping with a column made a field, which is taken from the column that was it before. */
export function withField(mapping: Mapping, columns: readonly Column[], column: string, field: string): Mapping {
  const many = field === 'parameter' || field === 'nothing';
  return {
    ...mapping,
    columns: columns.map(({ name }) => {
      if (name === column) return { name, field };
      const was = fieldOf(mapping, name);
      return { name, field: !many && was === field ? 'parameter' : was };
    }),
  };
}

/** A saved mapping for the columns that are there. */
export function applied(saved: SavedMapping, columns: readonly Column[]): Mapping {
  return { ...saved.mapping, columns: columns.map(({ name }) => ({ name, field: fieldOf(saved.mapping, name) })) };
}
