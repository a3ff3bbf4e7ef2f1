import type { Activity } from '../../host';
import { m } from '../../lib/paraglide/messages';

/** What a column shows of an activity, '' where it has none. The columns are those of Go's activity.Columns. */
export function cell(activity: Activity, column: string): string {
  switch (column) {
    case 'type':
      return activity.typeLabel;
    case 'site':
      return activity.site?.name ?? '';
    case 'object':
      return activity.object ? activity.object.name || `${activity.object.kind}:${activity.object.id}` : '';
    case 'result':
      return activity.result === 'ok'
        ? m.timeline_ok()
        : activity.result === 'failed'
          ? m.timeline_failed()
          : m.timeline_denied();
    case 'source':
      if (activity.reportedBy !== '') return m.timeline_reported_by({ name: activity.reportedBy });
      return activity.source === 'self' ? '' : activity.source;
    case 'ip':
      return activity.ip ?? '';
    case 'offset':
      return offset(activity.offsetMinutes);
    case 'id':
      return `#${activity.id}`;
  }
  return '';
}

/** Minutes east of UTC as +01:00. */
function offset(minutes: number): string {
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '−' : '+'}${two(size / 60)}:${two(size % 60)}`;
}
