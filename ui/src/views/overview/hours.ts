/** One bar of the chart: an hour that begins at `start` (microseconds). */
export interface Hour {
  start: number
  messages: number
}

const quarterMicros = 900_000_000
const hourMicros = 4 * quarterMicros

/** The engine counts by quarters of an hour, and its last hour ends with the quarter that is going on. */
export function hoursOf(hourly: readonly number[], now: number): Hour[] {
  const first = (Math.floor(now / quarterMicros) + 1) * quarterMicros - hourly.length * hourMicros
  return hourly.map((messages, place) => ({ start: first + place * hourMicros, messages }))
}

/** The busiest hour; the later of two alike. None when nothing came. */
export function busiest(hours: readonly Hour[]): Hour | undefined {
  let best: Hour | undefined
  for (const hour of hours) if (hour.messages > 0 && hour.messages >= (best?.messages ?? 0)) best = hour
  return best
}
