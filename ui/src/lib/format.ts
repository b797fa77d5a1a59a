/** Sizes, times and durations for people, in the language of the app. Points in time are microseconds, as the API gives them. */
import { getLocale } from './paraglide/runtime'

/** Times are 24-hour and dates are day first in both languages: en-GB writes them so. */
const tag = () => (getLocale() === 'es' ? 'es-ES' : 'en-GB')

type Format = Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat | Intl.ListFormat
const made = new Map<string, Format>()
function once<T extends Format>(key: string, make: () => T): T {
  const id = `${tag()} ${key}`
  let format = made.get(id) as T | undefined
  if (!format) made.set(id, (format = make()))
  return format
}

const number = (options: Intl.NumberFormatOptions) =>
  once(JSON.stringify(options), () => new Intl.NumberFormat(tag(), options))
const date = (options: Intl.DateTimeFormatOptions) =>
  once(JSON.stringify(options), () => new Intl.DateTimeFormat(tag(), options))

/** `1.234,5`. `useGrouping` from four digits on, so that columns agree. */
export function formatNumber(value: number, digits = 0): string {
  return number({ minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: 'always' }).format(value)
}

/** `a, b y c`. */
export function formatList(parts: readonly string[]): string {
  return once('list', () => new Intl.ListFormat(tag())).format(parts)
}

/** `93 %` in Spanish, `93%` in English. */
export function formatPercent(share: number): string {
  return number({ style: 'percent', maximumFractionDigits: 0 }).format(share)
}

/** Octets in decimal units, as file managers show them: `612 B`, `68 kB`, `1,4 MB`. */
export function formatSize(octets: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = octets
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit >= 2 && value < 100 ? 1 : 0
  return `${formatNumber(value, digits)}\u00a0${units[unit]}`
}

const toDate = (micros: number) => new Date(micros / 1000)

/** `10:41`, `9:58`. */
export function formatTime(micros: number): string {
  return date({ hour: 'numeric', minute: '2-digit', hourCycle: 'h23' })
    .format(toDate(micros))
    .replace(/^0(?=\d)/, '')
}
/** `10:41:07`, always eight characters, for columns. */
export function formatClock(micros: number): string {
  return date({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(toDate(micros))
}
/** `24 nov`, with the year when it is not this one. */
export function formatDay(micros: number, now = Date.now() * 1000): string {
  const sameYear = toDate(micros).getFullYear() === toDate(now).getFullYear()
  const text = date({ day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) }).format(toDate(micros))
  return text.replace('sept', 'sep')
}
/** `sábado`, `Saturday`. */
export function formatWeekday(micros: number): string {
  return date({ weekday: 'long' }).format(toDate(micros))
}
/** `martes, 24 de noviembre de 2026, 10:41`. */
export function formatFull(micros: number): string {
  return `${date({ dateStyle: 'full' }).format(toDate(micros))}, ${formatTime(micros)}`
}
/** For lists: the time when it is today, else the day. */
export function formatWhen(micros: number, now = Date.now() * 1000): string {
  return sameDay(micros, now) ? formatTime(micros) : formatDay(micros, now)
}
export function sameDay(a: number, b: number): boolean {
  return toDate(a).toDateString() === toDate(b).toDateString()
}

/** `hace 3 minutos`, `yesterday`. Within half a minute it says now. Give the `minute` of the live state as `now`. */
export function formatRelative(micros: number, now: number): string {
  const seconds = (micros - now) / 1e6
  const format = once('relative', () => new Intl.RelativeTimeFormat(tag(), { numeric: 'auto' }))
  const size = Math.abs(seconds)
  if (size < 30) return format.format(0, 'second')
  if (size < 3570) return format.format(Math.round(seconds / 60), 'minute')
  if (size < 86_400) return format.format(Math.round(seconds / 3600), 'hour')
  return format.format(Math.round(seconds / 86_400), 'day')
}

/** A span: `0,041 s`, `4,2 s`, `3 min`, `2 h 5 min`, `3 d 4 h`. */
export function formatSpan(micros: number): string {
  const seconds = micros / 1e6
  if (seconds < 1) return `${formatNumber(seconds, 3)}\u00a0s`
  if (seconds < 10) return `${formatNumber(seconds, 1)}\u00a0s`
  if (seconds < 59.5) return `${formatNumber(seconds)}\u00a0s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes}\u00a0min`
  if (minutes < 1440) return parts(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.round(minutes / 60)
  return parts(Math.floor(hours / 24), 'd', hours % 24, 'h')
}
function parts(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return `${big}\u00a0${bigUnit}` + (small ? ` ${small}\u00a0${smallUnit}` : '')
}

/** Seconds with three places and no unit, for the time column of a transcript: `0,041`. */
export function formatOffset(micros: number): string {
  return formatNumber(micros / 1e6, 3)
}
