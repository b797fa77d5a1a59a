/** The fake world's now: a fixed morning while screenshots are taken and tests run, so that pictures can be compared. */
export const now = Date.parse('2026-11-24T10:47:00') * 1000
/** Microseconds of a time of that day. */
export function at(clock: string, daysAgo = 0): number {
  return (Date.parse(`2026-11-24T${clock}`) - daysAgo * 86_400_000) * 1000
}
