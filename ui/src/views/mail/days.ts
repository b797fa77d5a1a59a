import type { MessageRow } from '$api'
import { formatDay, formatWeekday, sameDay } from '$lib/format'
import { m } from '$messages'

export interface ListItem {
  row: MessageRow
  /** Stands above the first message of a day. */
  label?: string
}

const dayMicros = 86_400_000_000

/** Messages in the order they come in, each first one of a day with the name of that day. */
export function groupByDay(rows: readonly MessageRow[], now: number): ListItem[] {
  return rows.map((row, place) => {
    const before = rows[place - 1]
    return before && sameDay(before.date, row.date) ? { row } : { row, label: dayName(row.date, now) }
  })
}

/** Today, yesterday, the weekday within the last week, else the date. What is in the future has its date. */
export function dayName(at: number, now: number): string {
  const midnight = new Date(now / 1000).setHours(0, 0, 0, 0) * 1000
  if (sameDay(at, now)) return m['mail.day.today']()
  // Noon of a day lies in it even when the clocks change.
  if (sameDay(at, midnight - dayMicros / 2)) return m['mail.day.yesterday']()
  if (at < now && at >= midnight - 6 * dayMicros) return capitalised(formatWeekday(at))
  return formatDay(at, now)
}

function capitalised(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1)
}
