/** A line of a menu; a list of groups is separated by lines. */
export interface MenuItem {
  id: string;
  label: string;
  /** Keys shown at the end, such as `f`. */
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  /** Present for items that are on or off. */
  checked?: boolean;
  run: () => void;
}
export type MenuGroups = readonly (readonly MenuItem[])[];
