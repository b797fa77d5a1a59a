import { formatDay } from '$lib/format'
import type { Row } from './feed.svelte'

/** Line → the name of its day, for the first line of each day but today. Tens of thousands of lines are asked ten times a second. */
export function dayLabels(rows: readonly Row[], now: number): ReadonlyMap<number, string> {
  const found = new Map<number, string>()
  let [start, end] = dayOf(now)
  for (const { line } of rows) {
    if (line.at >= start && line.at < end) continue
    ;[start, end] = dayOf(line.at)
    found.set(line.id, formatDay(line.at, now))
  }
  return found
}

/** Microseconds at which the day of a moment begins and ends. */
function dayOf(micros: number): [number, number] {
  const day = new Date(micros / 1000)
  const start = new Date(day.getFullYear(), day.getMonth(), day.getDate())
  const end = new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1)
  return [start.getTime() * 1000, end.getTime() * 1000]
}
