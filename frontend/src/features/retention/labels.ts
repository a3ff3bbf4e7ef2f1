import type { Rule } from '../../host';
import { number, type Where } from '../../lib/format';
import { m } from '../../lib/paraglide/messages';
import { catalogue } from '../../state/catalogue.svelte';
import { views } from '../../state/views.svelte';

const units: Record<string, () => string> = {
  days: m.retention_unit_days,
  months: m.retention_unit_months,
  years: m.retention_unit_years,
};

/** The categories there are, by label. */
export function categories(): { value: string; label: string }[] {
  const all = new Map(
    catalogue.types.filter((type) => type.category).map((type) => [type.category, type.categoryLabel]),
  );
  return [...all].map(([value, label]) => ({ value, label })).sort((a, b) => a.label.localeCompare(b.label));
}

/** What a rule is for. */
export function scopeOf(rule: Rule): string {
  if (rule.scope === 'all') return m.retention_all();
  if (rule.scope === 'view') return m.retention_view({ name: views.find(rule.value)?.name ?? rule.value });
  const label = categories().find((category) => category.value === rule.value)?.label;
  return m.retention_category({ name: label ?? rule.value });
}

/** How long a rule keeps. */
export function ageOf(rule: Rule, where: Where): string {
  if (rule.keep) return m.retention_forever();
  return `${number(rule.age, where)} ${units[rule.unit]?.() ?? rule.unit}`;
}
