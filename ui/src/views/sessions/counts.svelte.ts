import { getApp } from '$app/context'
import { calm } from '$lib/calm'
import { Query } from '$lib/query.svelte'

/** How many sessions there are, asked again at most once a second while they come and go. Call while a component is set up. */
export function followCounts(): Query<{ total: number; refused: number }> {
  const { platform, live } = getApp()
  const query = new Query(async () => {
    const ask = { services: [], refused: false, text: null, before: null, limit: 1 }
    const { total, refused } = await platform.call('session.list', ask)
    return { total, refused }
  })
  const asking = calm(() => void query.refresh(), 1000)
  $effect(() => {
    void live.epoch
    void query.refresh()
  })
  $effect(() => {
    const stop = live.on('sessions', asking.run)
    return () => {
      stop()
      asking.stop()
    }
  })
  return query
}
