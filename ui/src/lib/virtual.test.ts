import { expect, test } from 'vitest'
import { VirtualRows } from './virtual.svelte'

const keys = (count: number) => Array.from({ length: count }, (_, place) => String(place))
function list(count: number, estimate = 20): VirtualRows {
  const rows = new VirtualRows(() => estimate)
  rows.keys = keys(count)
  rows.height = 100
  return rows
}

test('only what is in view is drawn, with half a view to spare', () => {
  const rows = list(10_000)
  expect(rows.total).toBe(200_000)
  rows.scrollTop = 100_000
  const [first, end] = rows.range
  expect(first).toBe(4997)
  expect(end).toBe(5008)
})
test('an empty list draws nothing', () => expect(list(0).range).toEqual([0, 0]))
test('a measured row moves those below it and no other', () => {
  const rows = list(10)
  expect(rows.measure([['3', 60]])).toBe(true)
  expect(rows.tops[3]).toBe(60)
  expect(rows.tops[4]).toBe(120)
  expect(rows.total).toBe(240)
  expect(rows.indexAt(119)).toBe(3)
  expect(rows.indexAt(120)).toBe(4)
})
test('measuring what is known, or what is hidden, changes nothing', () => {
  const rows = list(10)
  expect(rows.measure([['3', 20]])).toBe(false)
  expect(rows.measure([['3', 0]])).toBe(false)
})
test('a height belongs to its row, also after others were inserted before it', () => {
  const rows = list(10)
  rows.measure([['3', 60]])
  rows.keys = ['new', ...rows.keys]
  expect(rows.tops[5]! - rows.tops[4]!).toBe(60)
})
