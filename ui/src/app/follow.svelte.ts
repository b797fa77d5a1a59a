import type { Event } from '$api'
import { Query } from '$lib/query.svelte'
import type { LiveState } from './live.svelte'

/**
 * A question that asks itself again: when what it reads (the route, a filter) changes, when the engine says that something
 * of these kinds happened, and when events were lost. Call while a component is set up.
 */
export function follow<T>(live: LiveState, ask: () => Promise<T>, ...kinds: Event['kind'][]): Query<T> {
  const query = new Query(ask)
  $effect(() => {
    void live.epoch
    void query.refresh()
  })
  $effect(() => {
    const stops = kinds.map((kind) => live.on(kind, () => void query.refresh()))
    return () => stops.forEach((stop) => stop())
  })
  return query
}
