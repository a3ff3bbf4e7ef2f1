import type { Field } from '../../lib/query/parse';
import { m } from '../../lib/paraglide/messages';

const names: Record<Field, () => string> = {
  actor: m.timeline_field_actor,
  type: m.timeline_field_type,
  category: m.timeline_field_category,
  site: m.timeline_field_site,
  object: m.timeline_field_object,
  ip: m.timeline_field_ip,
  result: m.timeline_field_result,
  source: m.timeline_field_source,
  batch: m.timeline_field_batch,
  after: m.timeline_field_after,
  before: m.timeline_field_before,
  on: m.timeline_field_on,
  last: m.timeline_field_last,
};

/** What a field of a query is called in the reader's language. */
export function nameOf(field: Field): string {
  return names[field]();
}
