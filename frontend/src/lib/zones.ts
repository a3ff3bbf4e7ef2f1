let known: readonly string[] | undefined;
const offsets = new Map<string, string>();

/** The IANA zones this machine knows, UTC among them. */
export function zones(): readonly string[] {
  known ??= [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])].sort();
  return known;
}

/** "UTC+1" for a zone at a time, "" for a zone nobody knows. */
export function offset(zone: string, at: number): string {
  const key = `${zone}|${Math.floor(at / 3_600_000)}`;
  let found = offsets.get(key);
  if (found === undefined) {
    try {
      const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(at);
      found = (parts.find((part) => part.type === 'timeZoneName')?.value ?? '').replace('GMT', 'UTC');
    } catch {
      found = '';
    }
    offsets.set(key, found);
  }
  return found;
}

/** The zones as lines of a list, found by city, region and offset. */
export function zoneOptions(at: number): { value: string; label: string; detail: string }[] {
  return zones().map((zone) => ({ value: zone, label: zone.replaceAll('_', ' '), detail: offset(zone, at) }));
}
