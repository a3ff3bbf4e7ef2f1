/** The origin of a page's address, so that it can be pasted; what is no address stays as it is, to be refused by name. */
export function toOrigin(text: string): string {
  if (!/^https?:\/\/[^/?#\s@\\*]+([/?#]|$)/i.test(text)) return text;
  try {
    return new URL(text).origin;
  } catch {
    return text;
  }
}
