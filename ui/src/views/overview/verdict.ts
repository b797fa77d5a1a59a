import type { Overview, Phase } from '$api'
import { m } from '$messages'

/** The title of the page: how it goes, and how much there is to look at. */
export function verdict(phase: Phase, overview: Overview | undefined): string {
  switch (phase) {
    case 'stopped':
    case 'notSetUp':
      return m['overview.title.stopped']()
    case 'starting':
      return m['overview.title.starting']()
    case 'stopping':
      return m['overview.title.stopping']()
    case 'running':
      return running(overview)
  }
}

function running(overview: Overview | undefined): string {
  const attention = overview?.attention ?? []
  const severe = attention.some((one) => one.severe)
  if (severe) return m['overview.title.severe']({ count: attention.length })
  if (attention.length > 0) return m['overview.title.attention']({ count: attention.length })
  if (overview && isUntouched(overview)) return m['overview.title.ready']()
  return m['overview.title.good']()
}

/** Nothing came or went yet, as far as is remembered. */
export function isUntouched({ recent, receivedToday, sentToday, refusedToday, hourly }: Overview): boolean {
  return recent.length === 0 && receivedToday + sentToday + refusedToday === 0 && hourly.every((one) => one === 0)
}
