import type { Activity } from '../../host';
import { m } from '../../lib/paraglide/messages';
import { plain } from '../../lib/visible';
import { dialogs } from '../../state/dialogs.svelte';
import { session } from '../../state/session.svelte';
import type { MenuItem } from '../../ui/menu';

/** What a super user can erase from an activity: itself, and whose it is. Nothing for anybody else. */
export function erasing({ id, actor }: Activity): MenuItem[] {
  if (!session.is('super')) return [];
  const erase = (what: object) => () => dialogs.open('erase', { ...what });
  const name = plain(actor.label);
  const person = actor.id && name && actor.kind !== 'anonymous' && actor.kind !== 'system';
  return [
    { id: 'erase', label: m.timeline_erase(), danger: true, run: erase({ activities: [id] }) },
    ...(person && actor.user !== session.user?.id
      ? [
          {
            id: 'person',
            label: m.timeline_erase_person({ name }),
            danger: true,
            run: erase(actor.user ? { user: actor.user } : { actor: actor.id }),
          },
        ]
      : []),
  ];
}
