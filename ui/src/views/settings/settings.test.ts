import { cleanup, render, screen, waitFor } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { SettingValues } from '$api'
import App from '$app/App.svelte'
import { Preferences } from '$app/preferences.svelte'
import { settings } from '../../testing/data/server'
import { FakePlatform } from '../../testing/fakePlatform'
import { changes, differs, reverse } from './patch'
import { sectionOf } from './sections'
import { asSentence, fromMebi, numberText, parseDomains, parseNumber, toMebi } from './values'

const untouched = structuredClone(settings.current)
// A view is fetched when it is first opened; that must not count as the time a test waits.
beforeAll(() => import('./Settings.svelte'), 60_000)
beforeEach(() => localStorage.clear())
afterEach(() => {
  cleanup()
  Object.assign(settings.current, structuredClone(untouched))
})

function open(section: string) {
  location.hash = `#/settings/${section}`
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform('running', 0)
  render(App, { platform, preferences })
  const sent = () => platform.calls.filter(({ method }) => method === 'settings.set').map(({ params }) => params)
  return { platform, preferences, sent, user: userEvent.setup() }
}

test('the reverse of a patch brings back exactly what it changed', () => {
  const values: SettingValues = { ...untouched, ports: { base: 10_000 }, certificatePath: null }
  const patch = { traceDays: 3, ports: 'practice' as const, certificatePath: '/x.pem' }
  expect(reverse(patch, values)).toEqual({ traceDays: values.traceDays, ports: { base: 10_000 }, certificatePath: '' })
  expect(changes({ ports: { base: 10_000 } }, values)).toBe(false)
  expect(changes({ certificatePath: '' }, values)).toBe(false)
  expect(changes({ domains: ['lab.test', 'b.test'] }, values)).toBe(true)
  expect(differs('messageSizeLimit', { current: untouched, defaults: settings.defaults })).toBe(true)
  expect(differs('domains', { current: untouched, defaults: settings.defaults })).toBe(false)
})

test('what is typed is read with comma or point, and only within its range', () => {
  const range = { min: 0.0625, max: 1024, digits: 2 }
  expect(parseNumber(' 25,5 ', range)).toBe(25.5)
  expect(parseNumber('1e3', range)).toBeUndefined()
  expect(parseNumber('-1', range)).toBeUndefined()
  expect(parseNumber('1025', range)).toBeUndefined()
  expect(parseNumber('2.5', { min: 1, max: 9, digits: 0 })).toBeUndefined()
  expect(fromMebi(25)).toBe(26_214_400)
  expect(toMebi(26_214_400)).toBe(25)
  expect(numberText(50_000, 0)).toBe('50000')
  expect(parseDomains('lab.test, otro.test\nlab.test')).toEqual(['lab.test', 'otro.test'])
  expect(asSentence('cannot be read')).toBe('cannot be read.')
  expect(asSentence('Gone. ')).toBe('Gone.')
  expect(sectionOf('traces')).toBe('traces')
  expect(sectionOf('nothing')).toBe('general')
})

test('a change applies at once and can be taken back', async () => {
  const { sent, user } = open('traces')
  const days = await screen.findByLabelText<HTMLInputElement>('Keep traces for')
  await user.clear(days)
  await user.type(days, '90{Enter}')
  await waitFor(() => expect(sent()).toEqual([{ traceDays: 90 }]))
  expect(await screen.findByText('Keep traces for: 90 days. It already applies.')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: /Undo/ }))
  await waitFor(() => expect(sent()).toEqual([{ traceDays: 90 }, { traceDays: 7 }]))
  await waitFor(() => expect(days.value).toBe('7'))
})

test('what cannot be stays in the field with the reason, and the old value applies', async () => {
  const { sent, user } = open('limits')
  const recipients = await screen.findByLabelText<HTMLInputElement>('Recipients of a message')
  await user.clear(recipients)
  await user.type(recipients, '7')
  await user.tab()
  expect(screen.getByText(/It must be between 100 and 50000/).textContent).toContain('1000 still applies')
  expect(recipients.value).toBe('7')
  expect(recipients.getAttribute('aria-invalid')).toBe('true')
  expect(sent()).toEqual([])
})

test('a certificate waits for its key, and both go together', async () => {
  const { sent, user } = open('tls')
  await user.type(await screen.findByLabelText('Certificate of your own'), '/etc/mail.pem')
  await user.tab()
  expect(await screen.findByText(/Applies when both files are given/)).toBeTruthy()
  expect(sent()).toEqual([])
  await user.type(screen.getByLabelText('Its key'), '/etc/mail.key')
  await user.tab()
  await waitFor(() => expect(sent()).toEqual([{ certificatePath: '/etc/mail.pem', keyPath: '/etc/mail.key' }]))
})

test('another address than loopback is warned of before it applies', async () => {
  const { sent, user } = open('server')
  const listen = await screen.findByLabelText('Address it listens on')
  await user.clear(listen)
  await user.type(listen, '0.0.0.0')
  expect(screen.getByText(/anybody on your network can connect/)).toBeTruthy()
  expect(sent()).toEqual([])
})

test('the search finds a setting by its Postfix name, in any section', async () => {
  const { user } = open('general')
  await screen.findByText('Appearance')
  await user.keyboard('/')
  await user.keyboard('smtpd_recipient')
  expect(await screen.findByLabelText('Recipients of a message')).toBeTruthy()
  expect(screen.queryByText('Theme')).toBeNull()
})

test('language and closing are kept by the face, not by the server', async () => {
  const { platform, preferences, sent, user } = open('general')
  await user.click(await screen.findByRole('radio', { name: 'Stays in the tray' }))
  expect(platform.kept).toBe('tray')
  await user.selectOptions(screen.getByLabelText('Language'), 'es')
  expect(preferences.locale).toBe('es')
  expect(await screen.findByText('Aspecto')).toBeTruthy()
  expect(sent()).toEqual([])
})
