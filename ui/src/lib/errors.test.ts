import { expect, test } from 'vitest'
import { CODES } from '$api'
import { Preferences } from '../app/preferences.svelte'
import { errorText } from './errors'

test('every code of the engine has words in both languages, and they differ', () => {
  const preferences = new Preferences()
  for (const code of CODES) {
    const words = (['es', 'en'] as const).map((locale) => {
      preferences.chooseLocale(locale)
      return errorText({ code, params: {} })
    })
    expect(words[0], code).not.toBe('')
    expect(words[0], code).not.toContain('error.')
    expect(words[0], code).not.toBe(words[1])
  }
})

test('a held port names its holder when the system tells, and not otherwise', () => {
  new Preferences().chooseLocale('en')
  const known = { port: '25', program: 'exim4', pid: '812' }
  expect(errorText({ code: 'port.taken', params: known })).toContain('`exim4`, process 812')
  expect(errorText({ code: 'port.taken', params: { port: '25' } })).toBe('Another program has port 25.')
})

test('.local is refused with a name that works', () => {
  new Preferences().chooseLocale('en')
  expect(errorText({ code: 'domain.local', params: { domain: 'aula.local' } })).toContain('`aula.test`')
})
