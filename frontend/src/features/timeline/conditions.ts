import type { Activity, Actor } from '../../host';
import type { Condition } from '../../lib/query/edit';

/** What `actor:` finds this identity by, null for one without a name. */
export function actorValue(actor: Actor): string | null {
  if (actor.name !== '') return actor.name;
  return actor.kind === 'anonymous' || actor.kind === 'system' ? `${actor.kind}:` : null;
}

/** The condition on who did it. */
export function byActor(activity: Activity): Condition | null {
  const value = actorValue(activity.actor);
  return value === null ? null : { field: 'actor', value };
}

export function byType(activity: Activity): Condition {
  return { field: 'type', value: activity.type };
}

export function bySource(activity: Activity): Condition {
  return { field: 'source', value: activity.source };
}

export function byIP(activity: Activity): Condition | null {
  return activity.ip === null ? null : { field: 'ip', value: activity.ip };
}

export function byObject(activity: Activity): Condition | null {
  const object = activity.object;
  if (!object) return null;
  if (object.id !== '') return { field: 'object', value: `${object.kind}:${object.id}` };
  return object.name === '' ? null : { field: 'object', value: object.name };
}

export function bySite(activity: Activity): Condition | null {
  const site = activity.site;
  return site ? { field: 'site', value: site.name || (site.id ?? '') } : null;
}

export function byResult(activity: Activity): Condition {
  return { field: 'result', value: activity.result };
}

/** Everything an activity can be filtered by, in the order to offer it; the actor for super users only. */
export function conditionsOf(activity: Activity, actors: boolean): Condition[] {
  return [
    actors ? byActor(activity) : null,
    byType(activity),
    byObject(activity),
    bySite(activity),
    byIP(activity),
    bySource(activity),
    activity.result === 'ok' ? null : byResult(activity),
  ].filter((condition) => condition !== null && condition.value !== '') as Condition[];
}

/** Whether it did not succeed. */
export function isFailure(activity: Activity): boolean {
  return activity.result === 'failed' || activity.result === 'denied';
}
