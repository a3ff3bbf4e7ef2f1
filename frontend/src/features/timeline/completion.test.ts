import { describe, expect, it } from 'vitest';
import { types } from '../../host/generate';
import { fields } from '../../lib/query/parse';
import { suggest, type Known } from './completion';

const ann = { id: '1', kind: 'user', source: 'self', name: 'ann', user: '1', label: 'Ann Example' };
const known: Known = {
  types,
  sites: [{ name: 'This log' }],
  seenSites: ['shop'],
  actors: [{ actor: ann, n: 3 }],
  byActor: true,
  today: '2026-11-23',
};

function inserts(text: string, more: Partial<Known> = {}): string[] {
  return suggest(text, text.length, { ...known, ...more }).list.map((one) => one.insert);
}

describe('completion', () => {
  it('offers fields at the start, actor: only to who may', () => {
    expect(inserts('')).toContain('actor:');
    expect(inserts('', { byActor: false })).not.toContain('actor:');
    expect(inserts('us')).toEqual(['actor:', 'type:UserLoggedIn', 'type:UserFailedToLogIn']);
  });

  it('offers the type whose label a word matches', () => {
    expect(inserts('signed')).toEqual(['type:UserLoggedIn']);
    expect(inserts('-goal zz')).toEqual([]);
    expect(inserts('-goal')).toEqual(['-type:GoalChanged']);
  });

  it('offers values, quoted where they must be', () => {
    expect(inserts('site:')).toEqual(['site:"This log"', 'site:shop']);
    expect(inserts('actor:exa')).toEqual(['actor:ann']);
    expect(inserts('result:de')).toEqual(['result:denied']);
    expect(inserts('on:')).toContain('on:2026-11');
    expect(inserts('category:use')).toEqual(['category:users']);
  });

  it('offers every field to who has typed nothing, with what it is', () => {
    const { list } = suggest('', 0, known);
    expect(list.map((one) => one.field)).toEqual([...fields]);
    expect(list.find((one) => one.field === 'last')).toMatchObject({ label: 'last:', name: 'Last', detail: 'last:7d' });
  });

  it('offers a value once, however many go by it', () => {
    const actors = ['self', 'cli', 'import:git/shop'].map((source, i) => ({
      actor: { ...ann, id: String(i), source, label: source === 'self' ? 'Ann Example' : 'ann' },
      n: 3,
    }));
    const { list } = suggest('actor:an', 8, { ...known, actors });
    expect(list.map((one) => [one.insert, one.label])).toEqual([['actor:ann', 'Ann Example']]);
    expect(list[0]?.detail).toBe('ann · cli · import:git/shop');
    const me = { ...ann, name: 'me', label: 'me' };
    expect(inserts('actor:', { actors: [{ actor: me, n: 1 }] })).toEqual(['actor:me']);
  });

  it('does not offer what stands there, nor negated dates', () => {
    expect(inserts('result:denied')).toEqual([]);
    expect(inserts('-o')).toEqual(['-object:']);
  });

  it('replaces the term at the caret only', () => {
    const offer = suggest('aa resu bb', 7, known);
    expect([offer.start, offer.end, offer.list[0]?.insert]).toEqual([3, 7, 'result:']);
  });
});
