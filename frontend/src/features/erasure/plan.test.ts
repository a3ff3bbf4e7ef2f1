import { expect, test } from 'vitest';
import { toType, typeable } from './plan.svelte';

const subject = { user: '7', actor: '' };

test('what is asked for can be typed as it is shown', () => {
  for (const label of ['vera', ' Vera  von\u00a0Berg ', 'a\tb', 'x\u202ey', 'Zo\u00eb']) {
    const asked = toType(label, subject);
    expect(typeable(asked)).toBe(asked);
    expect(asked).not.toBe('');
  }
  expect(toType(' Vera  von\u00a0Berg ', subject)).toBe('Vera von Berg');
  expect(toType('x\u202ey', subject)).toBe('xU+202Ey');
  expect(typeable(' vera ')).toBe(toType('vera', subject));
});

test('of a person without a name it is the number', () => {
  expect(toType('', subject)).toBe('7');
  expect(toType('  ', { user: '', actor: '12' })).toBe('12');
});
