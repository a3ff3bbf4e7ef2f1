/** The least length of a password, as backend/access has it. What else is refused only Go says. */
export const leastLength = 12;

/** How much of the wanted length is there, 0 to 1. */
export function reached(password: string): number {
  return Math.min(1, Array.from(password).length / leastLength);
}
