import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Toasts } from './toasts.svelte'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('a toast stays eight seconds, and as long as the pointer is on it', () => {
  const toasts = new Toasts()
  toasts.show('gone')
  vi.advanceTimersByTime(7900)
  toasts.hold()
  vi.advanceTimersByTime(60_000)
  expect(toasts.list).toHaveLength(1)
  toasts.release()
  vi.advanceTimersByTime(8100)
  expect(toasts.list).toHaveLength(0)
})
test('undo takes the newest that can be undone, once', () => {
  const toasts = new Toasts()
  const undone: string[] = []
  toasts.show('first', () => undone.push('first'))
  toasts.show('second', () => undone.push('second'))
  toasts.show('plain')
  toasts.undoLast()
  toasts.undoLast()
  toasts.undoLast()
  expect(undone).toEqual(['second', 'first'])
})
