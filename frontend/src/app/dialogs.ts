import type { Component } from 'svelte';

/** A dialog above the screens. It is mounted while open and calls `onclose` when done. */
export type DialogComponent = Component<{ onclose: () => void } & Record<string, unknown>>;

/** Every dialog that `dialogs.open(name)` can open, loaded when first needed. */
export const dialogTable: Record<string, () => Promise<{ default: DialogComponent }>> = {
  record: () => import('../features/record/RecordDialog.svelte') as Promise<{ default: DialogComponent }>,
  /** Takes `activities` (ids), `user` or `actor`: what is to be erased. */
  erase: () => import('../features/erasure/EraseDialog.svelte') as Promise<{ default: DialogComponent }>,
  /** Saves what the timeline shows, or with `view` changes that one. */
  view: () => import('../features/views/SaveView.svelte') as Promise<{ default: DialogComponent }>,
  views: () => import('../features/views/ManageViews.svelte') as Promise<{ default: DialogComponent }>,
  /** Takes `query`, the text whose matches are exported. */
  export: () => import('../features/transfer/ExportDialog.svelte') as Promise<{ default: DialogComponent }>,
};
