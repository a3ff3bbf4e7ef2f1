import { m } from '../../lib/paraglide/messages';

/** The formats, in the order in which they are offered (backend/export/format.go). */
export const formats = ['csv', 'ndjson', 'json', 'html', 'sqlite'] as const;

export type ExportFormat = (typeof formats)[number];

/** A column of an export, by the name that backend/export/columns.go gives it. */
export interface Column {
  name: string;
  label: () => string;
}

/** All columns, in the order of the documentation. */
export const columns: readonly Column[] = [
  { name: 'id', label: m.transfer_column_id },
  { name: 'occurredAt', label: m.transfer_column_occurredAt },
  { name: 'recordedAt', label: m.transfer_column_recordedAt },
  { name: 'type', label: m.transfer_column_type },
  { name: 'category', label: m.transfer_column_category },
  { name: 'actor', label: m.transfer_column_actor },
  { name: 'actorKind', label: m.transfer_column_actorKind },
  { name: 'actorSource', label: m.transfer_column_actorSource },
  { name: 'user', label: m.transfer_column_user },
  { name: 'sentence', label: m.transfer_column_sentence },
  { name: 'objectKind', label: m.transfer_column_objectKind },
  { name: 'objectId', label: m.transfer_column_objectId },
  { name: 'objectName', label: m.transfer_column_objectName },
  { name: 'siteKind', label: m.transfer_column_siteKind },
  { name: 'site', label: m.transfer_column_site },
  { name: 'source', label: m.transfer_column_source },
  { name: 'result', label: m.transfer_column_result },
  { name: 'ip', label: m.transfer_column_ip },
  { name: 'userAgent', label: m.transfer_column_userAgent },
  { name: 'requestId', label: m.transfer_column_requestId },
  { name: 'externalId', label: m.transfer_column_externalId },
  { name: 'reportedBy', label: m.transfer_column_reportedBy },
  { name: 'data', label: m.transfer_column_data },
  { name: 'changes', label: m.transfer_column_changes },
  { name: 'parameters', label: m.transfer_column_parameters },
  { name: 'raw', label: m.transfer_column_raw },
  { name: 'typeLabel', label: m.transfer_column_typeLabel },
  { name: 'categoryLabel', label: m.transfer_column_categoryLabel },
  { name: 'actorLabel', label: m.transfer_column_actorLabel },
  { name: 'siteId', label: m.transfer_column_siteId },
  { name: 'occurredMs', label: m.transfer_column_occurredMs },
  { name: 'offsetMinutes', label: m.transfer_column_offsetMinutes },
];

const page = ['occurredAt', 'actorLabel', 'sentence', 'changes', 'site', 'ip', 'result'];

/** The columns of a format that nobody chose columns for; none: whole activities. */
export function usual(format: ExportFormat): string[] {
  const names = columns.map((column) => column.name);
  if (format === 'csv') return names.slice(0, names.indexOf('data') + 1);
  if (format === 'html') return [...page];
  if (format === 'sqlite') return names.filter((name) => name !== 'data');
  return [];
}

/** The names in the order of the list. */
export function ordered(names: readonly string[]): string[] {
  return columns.map((column) => column.name).filter((name) => names.includes(name));
}
