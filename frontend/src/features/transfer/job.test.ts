import { describe, expect, test } from 'vitest';
import type { Job, Report } from '../../host';
import { beyond, figuresOf, paceOf, progressText, queryOf, rangeOf, span } from './job';

const where = { locale: 'en', zone: 'UTC' };
const start = Date.UTC(2026, 10, 23);

function job(more: Partial<Job>): Job {
  return {
    id: '1',
    kind: 'import',
    title: 'trail.json',
    state: 'running',
    done: 0,
    total: null,
    unit: 'rows',
    startedAt: start,
    finishedAt: null,
    report: null,
    error: null,
    ...more,
  };
}

const report: Report = {
  source: 'import:cloudtrail/main',
  format: 'cloudtrail',
  read: 3_210,
  new: 3_000,
  duplicate: 200,
  erased: 0,
  conflicting: 1,
  cut: 2,
  rejected: 7,
  skipped: 0,
  rejections: [],
  conflicts: [],
  oldest: start,
  newest: start + 86_400_000,
};

describe('pace', () => {
  test('says nothing in the first second', () => {
    expect(paceOf(job({ done: 500 }), start + 900)).toEqual({ rate: null, left: null, took: 900 });
  });

  test('is the average since the start, and what is left at that pace', () => {
    expect(paceOf(job({ done: 4_000, total: 10_000 }), start + 2_000)).toEqual({
      rate: 2_000,
      left: 3_000,
      took: 2_000,
    });
  });

  test('knows no end without a total', () => {
    expect(paceOf(job({ done: 4_000 }), start + 2_000).left).toBeNull();
  });

  test('stands still once the job is over', () => {
    const over = job({ state: 'done', done: 4_000, total: 4_000, finishedAt: start + 2_000 });
    expect(paceOf(over, start + 60_000)).toEqual({ rate: 2_000, left: null, took: 2_000 });
  });
});

test.each([
  [400, '1 s'],
  [59_000, '59 s'],
  [60_000, '1 min'],
  [3_900_000, '1 h 5 min'],
])('a span of %d ms is %s', (ms, text) => expect(span(ms)).toBe(text));

describe('progress as text', () => {
  test('with a known total', () => {
    expect(progressText(job({ done: 4_000, total: 10_000 }), start + 2_000, where)).toBe(
      '4,000 of 10,000 rows · 2,000 a second · about 3 s left',
    );
  });

  test('without one', () => {
    expect(progressText(job({ done: 4_000 }), start + 500, where)).toBe('4,000 rows');
  });

  test('in bytes, when it is over', () => {
    const over = job({ state: 'done', unit: 'bytes', done: 4_100_000, total: 4_100_000, finishedAt: start + 2_000 });
    expect(progressText(over, start + 9_000, where)).toBe('4.1 MB of 4.1 MB · 2.1 MB a second · took 2 s');
  });
});

describe('the report of an import', () => {
  test('shows every figure, noughts too', () => {
    expect(figuresOf(report, where).map((figure) => [figure.id, figure.value, figure.tone])).toEqual([
      ['read', '3,210', 'plain'],
      ['new', '3,000', 'good'],
      ['duplicate', '200', 'plain'],
      ['erased', '0', 'none'],
      ['conflicting', '1', 'bad'],
      ['cut', '2', 'warn'],
      ['rejected', '7', 'bad'],
    ]);
  });

  test('says from when to when, one day once, nothing for nothing', () => {
    expect(rangeOf(report, where)).toBe('Nov 23, 2026 – Nov 24, 2026');
    expect(rangeOf({ ...report, newest: start }, where)).toBe('Nov 23, 2026');
    expect(rangeOf({ ...report, oldest: null }, where)).toBe('');
  });

  test('leads to its activities', () => {
    expect(queryOf(report)).toBe('source:import:cloudtrail/main');
    expect(queryOf({ ...report, source: 'import:ndjson/my file' })).toBe('source:"import:ndjson/my file"');
  });

  test('counts the problems it does not list', () => {
    expect(beyond(7, 5)).toBe(2);
    expect(beyond(5, 5)).toBe(0);
  });
});
