/**
 * What a form holds once its thing changed elsewhere: the new value of each field that the
 * person did not touch, and what they typed in the others.
 */
export function follow<T extends object>(typed: T, before: T, now: T): T {
  const next = { ...typed };
  for (const field of Object.keys(now) as (keyof T)[]) {
    if (typed[field] === before[field]) next[field] = now[field];
  }
  return next;
}
