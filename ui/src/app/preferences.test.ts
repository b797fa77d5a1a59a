import { beforeEach, expect, test } from 'vitest'
import { m } from '$messages'
import { Preferences } from './preferences.svelte'

const root = document.documentElement
beforeEach(() => localStorage.clear())

test('what was chosen is there again, and on the page', () => {
  const first = new Preferences()
  first.chooseLocale('es')
  first.theme = 'dark'
  first.density = 'comfortable'
  first.apply(root)
  const second = new Preferences()
  expect([second.locale, second.theme, second.density]).toEqual(['es', 'dark', 'comfortable'])
  expect([root.lang, root.dataset.theme, root.dataset.density]).toEqual(['es', 'dark', 'comfortable'])
})
test('the theme of the system leaves no mark on the page', () => {
  new Preferences().apply(root)
  expect(root.dataset.theme).toBeUndefined()
})
test('the language of the system is not kept as if it had been chosen', () => {
  new Preferences().apply(root)
  expect(new Preferences().localeChosen).toBe(false)
})
test.each(['', 'x', '[]', 'null', '{"locale":"fr","theme":7,"zoom":99}'])('%s in the storage does no harm', (text) => {
  localStorage.setItem('postigo.preferences', text)
  const preferences = new Preferences()
  expect(['es', 'en']).toContain(preferences.locale)
  expect([preferences.theme, preferences.zoom]).toEqual(['system', 1])
})
test('the size goes by steps, as far as it goes', () => {
  const preferences = new Preferences()
  preferences.stepZoom(1)
  expect(preferences.zoom).toBe(1.1)
  for (let step = 0; step < 20; step++) preferences.stepZoom(1)
  expect(preferences.zoom).toBe(2)
  for (let step = 0; step < 20; step++) preferences.stepZoom(-1)
  expect(preferences.zoom).toBe(0.8)
})
test('messages follow the language at once', () => {
  const preferences = new Preferences()
  preferences.chooseLocale('es')
  expect(m['common.cancel']()).toBe('Cancelar')
  preferences.chooseLocale('en')
  expect(m['common.cancel']()).toBe('Cancel')
})
