import { fold } from '../../lib/rank';
import { m } from '../../lib/paraglide/messages';

export type Section = 'log' | 'privacy' | 'serving' | 'language' | 'appearance' | 'list' | 'security';
export type Setting =
  | 'name'
  | 'siteZone'
  | 'logLanguage'
  | 'gravatar'
  | 'ipMask'
  | 'doNotTrack'
  | 'serve'
  | 'port'
  | 'ingestRequests'
  | 'ingestRecords'
  | 'language'
  | 'zone'
  | 'timeForm'
  | 'theme'
  | 'density'
  | 'startView'
  | 'hideOwn'
  | 'singleKeys'
  | 'password'
  | 'sessions';

interface Words {
  section: Section;
  title: () => string;
  hint: () => string;
  /** Means something only to who sees everybody's activity. */
  everybody?: true;
}

/** Every setting, once: its words are what the screen shows and what is searched. */
export const settings: Record<Setting, Words> = {
  name: { section: 'log', title: m.settings_name, hint: m.settings_name_hint },
  siteZone: { section: 'log', title: m.settings_zone, hint: m.settings_zone_hint },
  logLanguage: { section: 'log', title: m.settings_language, hint: m.settings_language_hint },
  gravatar: { section: 'privacy', title: m.settings_gravatar, hint: m.settings_gravatar_hint },
  ipMask: { section: 'privacy', title: m.settings_ip, hint: m.settings_ip_hint },
  doNotTrack: { section: 'privacy', title: m.settings_track, hint: m.settings_track_hint },
  serve: { section: 'serving', title: m.settings_serve, hint: m.settings_serve_hint },
  port: { section: 'serving', title: m.settings_port, hint: m.settings_port_hint },
  ingestRequests: { section: 'serving', title: m.settings_ingest_requests, hint: m.settings_ingest_requests_hint },
  ingestRecords: { section: 'serving', title: m.settings_ingest_records, hint: m.settings_ingest_records_hint },
  language: { section: 'language', title: m.account_language, hint: m.account_language_hint },
  zone: { section: 'language', title: m.account_zone, hint: m.account_zone_hint },
  timeForm: { section: 'language', title: m.account_time_form, hint: m.account_time_form_hint },
  theme: { section: 'appearance', title: m.account_theme, hint: m.account_theme_hint },
  density: { section: 'appearance', title: m.account_density, hint: m.account_density_hint },
  startView: { section: 'list', title: m.account_start_view, hint: m.account_start_view_hint, everybody: true },
  hideOwn: { section: 'list', title: m.account_hide_own, hint: m.account_hide_own_hint, everybody: true },
  singleKeys: { section: 'list', title: m.account_single_keys, hint: m.account_single_keys_hint },
  password: { section: 'security', title: m.account_password, hint: m.account_password_hint },
  sessions: { section: 'security', title: m.account_sessions, hint: m.account_sessions_hint },
};

export const sections: Record<Section, { own: boolean; title: () => string }> = {
  log: { own: false, title: m.settings_section_log },
  privacy: { own: false, title: m.settings_section_privacy },
  serving: { own: false, title: m.settings_section_serving },
  language: { own: true, title: m.account_section_language },
  appearance: { own: true, title: m.account_section_appearance },
  list: { own: true, title: m.account_section_list },
  security: { own: true, title: m.account_section_security },
};

/** The settings whose words, or whose section's name, contain every word typed. */
export function finding(typed: string): ReadonlySet<Setting> {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  const all = Object.entries(settings) as [Setting, Words][];
  return new Set(
    all
      .filter(([, one]) => {
        const text = fold(`${one.title()}\n${one.hint()}\n${sections[one.section].title()}`);
        return words.every((word) => text.includes(word));
      })
      .map(([setting]) => setting),
  );
}

/** The sections that have something to show. */
export function sectionsOf(shown: ReadonlySet<Setting>): Section[] {
  return (Object.keys(sections) as Section[]).filter((section) =>
    [...shown].some((setting) => settings[setting].section === section),
  );
}
