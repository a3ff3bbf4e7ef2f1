// piwik-client has no types of its own.
declare module 'piwik-client' {
  export default class PiwikClient {
    constructor(baseURL: string, token?: string);
    settings: { apiport?: string; apihost: string; apipath: string; token?: string };
    api(vars: Record<string, string | number>, done: (problem: string | null, answer: unknown) => void): void;
  }
}
