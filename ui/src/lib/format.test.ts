import { beforeEach, describe, expect, test } from 'vitest'
import { Preferences } from '../app/preferences.svelte'
import {
  formatClock,
  formatDay,
  formatList,
  formatOffset,
  formatPercent,
  formatRelative,
  formatSize,
  formatSpan,
  formatTime,
  formatWhen,
} from './format'

const micros = (iso: string) => Date.parse(iso) * 1000
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')
let preferences: Preferences
beforeEach(() => (preferences = new Preferences()))

describe.each([
  {
    locale: 'es',
    size: ['612 B', '68 kB', '1,4 MB', '214 MB'],
    percent: '93 %',
    list: 'lab.test, casa.test y localhost',
    day: '24 nov',
    oldDay: '24 nov 2025',
    relative: ['ahora', 'hace 3 minutos', 'ayer'],
    offset: '0,041',
    span: ['0,041 s', '4,2 s', '3 min', '2 h 5 min', '1 d 1 h'],
  },
  {
    locale: 'en',
    size: ['612 B', '68 kB', '1.4 MB', '214 MB'],
    percent: '93%',
    list: 'lab.test, casa.test and localhost',
    day: '24 Nov',
    oldDay: '24 Nov 2025',
    relative: ['now', '3 minutes ago', 'yesterday'],
    offset: '0.041',
    span: ['0.041 s', '4.2 s', '3 min', '2 h 5 min', '1 d 1 h'],
  },
] as const)('in $locale', (row) => {
  beforeEach(() => preferences.chooseLocale(row.locale))
  const now = micros('2026-11-24T10:47:00')

  test('sizes are decimal and keep one digit where it says something', () => {
    expect([612, 68_120, 1_412_000, 214_000_000].map(formatSize).map(plain)).toEqual(row.size)
  })
  test('a size never shows a thousand of a smaller unit', () => {
    expect(plain(formatSize(999_700))).toMatch(/^1[.,]0 MB$/)
  })
  test('a share has the space of its language', () => expect(plain(formatPercent(0.93))).toBe(row.percent))
  test('the hour has no leading zero in prose and two digits in a column', () => {
    expect(formatTime(micros('2026-11-24T09:58:31'))).toBe('9:58')
    expect(formatTime(micros('2026-11-24T00:05:00'))).toBe('0:05')
    expect(formatClock(micros('2026-11-24T09:58:31'))).toBe('09:58:31')
  })
  test('a list reads as a sentence', () => {
    expect(formatList(['lab.test', 'casa.test', 'localhost'])).toBe(row.list)
  })
  test('a day has its year only when it is another', () => {
    expect(formatDay(now, now)).toBe(row.day)
    expect(formatDay(micros('2025-11-24T10:00:00'), now)).toBe(row.oldDay)
  })
  test('a list shows the time today and the day before', () => {
    expect(formatWhen(micros('2026-11-24T09:58:31'), now)).toBe('9:58')
    expect(formatWhen(micros('2026-11-23T09:58:31'), now)).toMatch(/^23 nov/i)
  })
  test('how long ago', () => {
    const ago = [10, 180, 86_400].map((seconds) => formatRelative(now - seconds * 1e6, now))
    expect(ago).toEqual(row.relative)
  })
  test('spans and offsets', () => {
    expect(plain(formatOffset(41_000))).toBe(row.offset)
    const spans = [41_000, 4.2e6, 180e6, 7500e6, 90_000e6].map(formatSpan).map(plain)
    expect(spans).toEqual(row.span)
  })
})
