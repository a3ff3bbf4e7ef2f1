import { expect, test } from 'vitest';
import { Answers, placeOf } from './ask';

test('an address is read, and what is no widget has no id', () => {
  expect(placeOf({ pathname: '/widget/ABC234', hash: '#token=al_x' })).toEqual({ id: 'ABC234', token: 'al_x' });
  expect(placeOf({ pathname: '/widget/ABC234', hash: '' })).toEqual({ id: 'ABC234', token: '' });
  expect(placeOf({ pathname: '/widget/../x', hash: '#other=1&token=a%2Bb' })).toEqual({ id: '', token: 'a+b' });
});

test('the token is sent in a header; each status has its reason', async () => {
  const seen: { url: string; init: RequestInit }[] = [];
  let status = 200;
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    seen.push({ url, init });
    return status === 0 ? Promise.reject(new Error('down')) : Promise.resolve(new Response('{"rows":[]}', { status }));
  };
  const answers = new Answers({ id: 'ABC', token: 'al_secret' }, fetch as typeof window.fetch);
  expect(await answers.next()).toEqual({ rows: [] });
  expect(seen[0]?.url).toBe('/api/v1/widget');
  expect(seen[0]?.init.body).toBe('{"id":"ABC"}');
  expect(new Headers(seen[0]?.init.headers).get('Authorization')).toBe('Bearer al_secret');
  for (const [code, problem] of [
    [400, 'query'],
    [401, 'ended'],
    [403, 'refused'],
    [404, 'ended'],
    [503, 'offline'],
    [0, 'offline'],
  ] as const) {
    status = code;
    expect(await answers.next()).toBe(problem);
  }
  const asked = seen.length;
  expect(await new Answers({ id: 'ABC', token: '' }, fetch as typeof window.fetch).next()).toBe('token');
  expect(seen.length).toBe(asked);
});
