// Language, theme and density of this page. The user's preferences are the truth;
// a copy in localStorage is what the page is painted with before anybody signs in.
import { baseLocale, isLocale, locales, overwriteGetLocale } from '../lib/paraglide/runtime';
import type { Where } from '../lib/format';
import type { Preferences } from '../host';

export type Locale = (typeof locales)[number];
export type Theme = 'auto' | 'light' | 'dark';
export type Density = 'compact' | 'comfortable' | 'airy';

const kept = 'activitylog.appearance';

class Appearance {
  locale = $state<Locale>(baseLocale);
  zone = $state<string | undefined>(undefined);
  theme = $state<Theme>('auto');
  density = $state<Density>('comfortable');
  timeForm = $state<'absolute' | 'relative' | 'utc'>('absolute');
  singleKeys = $state(true);
  /** What the timeline shows beside the sentence. */
  columns = $state.raw<readonly string[]>([]);

  constructor() {
    overwriteGetLocale(() => this.locale);
    const found = read();
    this.locale = localeOf(found['language'] ?? navigator.language);
    this.theme = themeOf(found['theme']);
    this.density = densityOf(found['density']);
    this.paint();
  }

  /** What dates are written with; UTC where the reader asked for it. */
  get where(): Where {
    return { locale: this.locale, zone: this.timeForm === 'utc' ? 'UTC' : this.zone };
  }

  /** The zone's IANA name, also where it follows the system. */
  get zoneName(): string {
    return this.where.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  /** Takes over a user's preferences; `fallback` is the log's own language, "" while it is not known. */
  follow(preferences: Preferences, fallback: string): void {
    this.locale = localeOf(preferences.language || fallback || this.locale);
    this.zone = validZone(preferences.zone);
    this.theme = themeOf(preferences.theme);
    this.density = densityOf(preferences.density);
    this.singleKeys = preferences.singleKeys;
    this.columns = preferences.columns;
    this.timeForm =
      preferences.timeForm === 'relative' || preferences.timeForm === 'utc' ? preferences.timeForm : 'absolute';
    this.paint();
    write({ language: this.locale, theme: this.theme, density: this.density });
  }

  /** Before anybody signs in: this page only. */
  setLocale(locale: Locale): void {
    this.locale = locale;
    this.paint();
    write({ ...read(), language: locale });
  }

  /** Before anybody signs in: this page only. */
  setTheme(theme: Theme): void {
    this.theme = theme;
    this.paint();
    write({ ...read(), theme });
  }

  private paint(): void {
    const root = document.documentElement;
    root.dataset['theme'] = this.theme;
    root.dataset['density'] = this.density;
    root.lang = this.locale;
    root.dir = /^(ar|fa|he|ur)\b/.test(this.locale) ? 'rtl' : 'ltr';
  }
}

function localeOf(name: string): Locale {
  const short = name.toLowerCase().split('-')[0] ?? '';
  return isLocale(short) ? short : baseLocale;
}

function themeOf(name: string | undefined): Theme {
  return name === 'light' || name === 'dark' ? name : 'auto';
}

function densityOf(name: string | undefined): Density {
  return name === 'compact' || name === 'airy' ? name : 'comfortable';
}

function validZone(name: string): string | undefined {
  if (name === '') return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function read(): Record<string, string | undefined> {
  try {
    return JSON.parse(localStorage.getItem(kept) ?? '{}') as Record<string, string | undefined>;
  } catch {
    return {};
  }
}

function write(values: Record<string, string | undefined>): void {
  try {
    localStorage.setItem(kept, JSON.stringify(values));
  } catch {
    // No storage: the next start paints the defaults first.
  }
}

export const appearance = new Appearance();
