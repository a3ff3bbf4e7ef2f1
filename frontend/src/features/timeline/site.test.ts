import { expect, test } from 'vitest';
import { objectAt, webAddress } from './site';

test('only addresses of the web become links', () => {
  expect(webAddress('https://shop.example/a')).toBe('https://shop.example/a');
  expect(webAddress('http://shop.example')).toBe('http://shop.example');
  for (const text of ['javascript:alert(1)', 'shop.example', 'data:text/html,x', '', 'https://a:b@shop.example']) {
    expect(webAddress(text)).toBeNull();
  }
});

test('an object is found where its site says, and nowhere else', () => {
  const object = { kind: 'goal', id: '7 & 8', name: 'Sign/up' };
  expect(objectAt('https://shop.example/{kind}/{id}', object)).toBe('https://shop.example/goal/7%20%26%208');
  expect(objectAt('https://shop.example/?q={name}', object)).toBe('https://shop.example/?q=Sign%2Fup');
  expect(objectAt('', object)).toBeNull();
  expect(objectAt('https://shop.example/{id}', { ...object, id: '' })).toBeNull();
  expect(objectAt('https://shop.example/{id}/edit', { ...object, id: '..' })).toBeNull();
  expect(objectAt('https://{name}/{id}', { ...object, name: 'evil.example' })).toBeNull();
  expect(objectAt('javascript:{id}', object)).toBeNull();
});

test('a value that is like a place for one stays as it is', () => {
  expect(objectAt('https://shop.example/{id}/{name}', { kind: 'goal', id: '{name}', name: 'x' })).toBe(
    'https://shop.example/%7Bname%7D/x',
  );
});
