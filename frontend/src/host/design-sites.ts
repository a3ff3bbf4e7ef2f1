import type { Api, Site } from './api';
import { Fault } from './fault';

type Operations = {
  [K in 'createSite' | 'changeSite' | 'configureSite' | 'removeSite']: (input: Api[K]['in']) => Api[K]['out'];
};

function made(id: number, level: string, more: Partial<Site>): Site {
  return {
    id: String(id),
    kind: 'website',
    name: '',
    zone: 'Europe/Berlin',
    addresses: [],
    settings: { description: '', objectLink: '', offered: true },
    createdAt: Date.UTC(2026, 0, id),
    level,
    people: 0,
    ...more,
  };
}

function set<T extends object>(to: T, change: Partial<Record<keyof T, unknown>>): T {
  return { ...to, ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null)) };
}

/** Sites for work on the interface: changes last as long as the page. */
export function designSites(level: string): { readonly list: Site[]; operations: Operations } {
  let list = [
    made(1, level, { kind: 'other', name: 'This log' }),
    made(2, level, { name: 'Shop', addresses: ['https://shop.example', 'https://m.shop.example'], people: 3 }),
  ];
  const change = (id: string, by: (site: Site) => Site): Site => {
    const site = list.find((one) => one.id === id);
    if (!site) throw new Fault('not_found', 'There is no such site.');
    const changed = by(site);
    list = list.map((one) => (one.id === id ? changed : one));
    return changed;
  };
  return {
    get list() {
      return list;
    },
    operations: {
      createSite: ({ name, kind, zone, addresses }) => {
        const site = made(list.length + 1, level, { name, kind: kind || 'website', zone: zone || 'UTC', addresses });
        list = [...list, site];
        return site;
      },
      changeSite: ({ id, ...more }) => change(id, (site) => set(site, more)),
      configureSite: ({ id, ...more }) => change(id, (site) => ({ ...site, settings: set(site.settings, more) })),
      removeSite: ({ id, try: only }) => {
        const name = list.find((one) => one.id === id)?.name ?? '';
        if (!only) list = list.filter((one) => one.id !== id);
        return { id, name, lost: [] };
      },
    },
  };
}
