import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keyCaps } from '$lib/keyNames'
import { chordOf, Keys } from './keys.svelte'

const keys = new Keys()
let stop: () => void
const runs = { palette: vi.fn(), overview: vi.fn(), star: vi.fn(), help: vi.fn() }
beforeEach(() => {
  stop = keys.start()
  for (const run of Object.values(runs)) run.mockClear()
})
afterEach(() => {
  stop()
  document.body.innerHTML = ''
})
keys.bind(() => ({
  title: 'Everywhere',
  bindings: [
    { keys: 'Ctrl+k', label: 'palette', run: runs.palette },
    { keys: 'g o', also: 'Ctrl+1', label: 'overview', run: runs.overview },
    { keys: 's', label: 'star', run: runs.star },
    { keys: '?', label: 'help', run: runs.help },
  ],
}))

function press(key: string, more: KeyboardEventInit = {}, target: EventTarget = document.body): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
  target.dispatchEvent(event)
  return event
}

test('a chord runs and keeps the key from the browser', () => {
  expect(press('k', { ctrlKey: true }).defaultPrevented).toBe(true)
  expect(runs.palette).toHaveBeenCalledOnce()
})
test('a sequence needs both keys, in order', () => {
  press('o')
  expect(runs.overview).not.toHaveBeenCalled()
  press('g')
  press('o')
  expect(runs.overview).toHaveBeenCalledOnce()
})
test('letters typed into a field are text; chords with Ctrl still work', () => {
  const input = document.body.appendChild(document.createElement('input'))
  press('s', {}, input)
  expect(runs.star).not.toHaveBeenCalled()
  press('k', { ctrlKey: true }, input)
  expect(runs.palette).toHaveBeenCalledOnce()
})
test('an open dialog has the keys for itself', () => {
  document.body.innerHTML = '<dialog open></dialog>'
  press('s')
  expect(runs.star).not.toHaveBeenCalled()
})
test('Shift makes the sign of a key and is named only with letters and named keys', () => {
  expect(chordOf(new KeyboardEvent('keydown', { key: '?', shiftKey: true }))).toBe('?')
  expect(chordOf(new KeyboardEvent('keydown', { key: 'A', shiftKey: true }))).toBe('Shift+a')
  expect(chordOf(new KeyboardEvent('keydown', { key: 'Tab', shiftKey: true }))).toBe('Shift+Tab')
  expect(chordOf(new KeyboardEvent('keydown', { key: 'Control', ctrlKey: true }))).toBeUndefined()
})
test('what was bound by a view is gone with it', () => {
  const run = vi.fn()
  const release = keys.bind(() => ({ title: 'View', bindings: [{ keys: 'x', label: 'x', run }] }))
  press('x')
  release()
  press('x')
  expect(run).toHaveBeenCalledOnce()
})

test.each([
  ['Ctrl+k', ['Ctrl K']],
  ['Ctrl++', ['Ctrl +']],
  ['g o', ['G', 'O']],
  ['+', ['+']],
])('the caps of %s', (keys, caps) => expect(keyCaps(keys)).toEqual(caps))
