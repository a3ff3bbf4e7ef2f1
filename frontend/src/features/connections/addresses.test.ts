// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { feedAddress, origins, snippet } from './addresses';

const base = 'http://127.0.0.1:8765';

test('a feed’s address holds the query and the token as they were given', () => {
  const url = new URL(feedAddress(base, 'atom', ' type:GoalAdded "a & b" ', 'al_x'));
  expect(url.pathname).toBe('/feed.atom');
  expect(url.searchParams.get('q')).toBe('type:GoalAdded "a & b"');
  expect(url.searchParams.get('token')).toBe('al_x');
  expect(new URL(feedAddress(base, 'json', ' ', 'al_x')).searchParams.has('q')).toBe(false);
});

test('a name cannot end the attribute it stands in; the token stands behind #', () => {
  const lines = snippet(base, { id: 'ABC', name: '"><script>alert(1)</script>&' }, 'al_x');
  const made = new DOMParser().parseFromString(lines, 'text/html');
  expect(made.querySelectorAll('script').length).toBe(0);
  const frame = made.querySelector('iframe');
  expect(frame?.getAttribute('title')).toBe('"><script>alert(1)</script>&');
  const src = new URL(frame?.getAttribute('src') ?? '');
  expect([src.pathname, src.search, src.hash]).toEqual(['/widget/ABC', '', '#token=al_x']);
});

test('addresses of pages become origins; what is none stays to be refused', () => {
  expect(origins('https://A.example/wiki?x#y\nhttp://localhost:3000, https://b.example:443/')).toEqual([
    'https://a.example',
    'http://localhost:3000',
    'https://b.example',
  ]);
  expect(origins(' *.example.org  a.example https://*.example ')).toEqual([
    '*.example.org',
    'a.example',
    'https://*.example',
  ]);
  expect(origins(' \n ')).toEqual([]);
});
