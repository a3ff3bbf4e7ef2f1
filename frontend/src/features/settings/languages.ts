import { locales } from '../../lib/paraglide/runtime';

/** The languages the program speaks, each called by its own name. */
export function languageOptions(): { value: string; label: string }[] {
  return locales.map((locale) => ({
    value: locale,
    label: new Intl.DisplayNames([locale], { type: 'language' }).of(locale) ?? locale,
  }));
}
