import { describe, expect, it } from 'vitest';
import { placeLink, plain, readPlace, writePlace } from './place';

describe('the address', () => {
  it.each([
    { query: '', at: null, selected: null, ...plain },
    { query: 'actor:ann -type:GoalAdded "two words"', at: null, selected: '17', ...plain },
    { query: 'site:"a & b" 100% ip:203.0.113.0/24 #1 ü', at: Date.UTC(2026, 2, 1, 10), selected: null, ...plain },
    { query: '', at: null, selected: null, oldest: true, columns: ['id', 'site'], density: 'airy', view: '12' },
    { query: 'x', at: null, selected: null, oldest: false, columns: [], density: '', view: null },
  ])('says $query and is read back', (place) => {
    expect(readPlace(writePlace('/timeline', place))).toEqual(place);
  });

  it('stays readable', () => {
    expect(writePlace('/mine', { query: 'type:GoalAdded last:7d', at: null, selected: null, ...plain })).toBe(
      '#/mine?q=type:GoalAdded+last:7d',
    );
  });

  it.each([
    ['http://127.0.0.1:8765/#/timeline?q=actor:ann+"two+words"&sel=17', '#/timeline?q=actor:ann+"two+words"&sel=17'],
    ['#/mine?q=type:GoalAdded', '#/mine?q=type:GoalAdded'],
    [' #/timeline\n', '#/timeline'],
    ['#/settings', null],
    ['#/timelines', null],
    ['type:GoalAdded #/timeline?q=a', null],
    ['actor:ann', null],
    ['', null],
  ])('is found in %j', (text, link) => {
    expect(placeLink(text)).toBe(link);
  });

  it('takes nonsense for nothing', () => {
    expect(readPlace('#/timeline?at=never&sel=<b>&rows=wide&view=x&order=up')).toEqual({
      query: '',
      at: null,
      selected: null,
      ...plain,
    });
  });
});
