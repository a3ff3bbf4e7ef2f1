/** The least length of a password, as backend/access has it. What else is refused only Go says. */
export const leastLength = 12;
