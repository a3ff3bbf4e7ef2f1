import { locales } from './paraglide/runtime';

type Locale = (typeof locales)[number];

/** The languages the program speaks, each called by its own name. */
export function languageOptions(): { value: Locale; label: string }[] {
  return locales.map((locale) => ({
    value: locale,
    label: new Intl.DisplayNames([locale], { type: 'language' }).of(locale) ?? locale,
  }));
}
