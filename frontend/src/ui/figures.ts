/** A number under its name. */
export interface Figure {
  id: string;
  label: string;
  value: string;
  /** What it means, as a tip. */
  meaning?: string;
  tone?: 'plain' | 'good' | 'warn' | 'bad' | 'none';
}
