import { leastLength } from '../../lib/password';

export { leastLength };

/** How much of the wanted length is there, 0 to 1. */
export function reached(password: string): number {
  return Math.min(1, Array.from(password).length / leastLength);
}
