import { cleanup, render, screen, waitFor } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import App from '$app/App.svelte'
import { Preferences } from '$app/preferences.svelte'
import { flowDefaults, flowNow } from '../../testing/data/flow'
import { settings } from '../../testing/data/server'
import { FakePlatform } from '../../testing/fakePlatform'
import { durationText, parseDuration } from './duration'
import { allValues, formatRelayHost, parseRelayHost, patchOf, postfixLine } from './fields'
import { litPieces } from './lit'
import { stepCodes, stepWords } from './steps'

const untouched = structuredClone(settings.current)
beforeAll(() => import('./Flow.svelte'), 60_000)
beforeEach(() => localStorage.clear())
afterEach(() => {
  cleanup()
  Object.assign(settings.current, structuredClone(untouched))
})

test('a relay host is read and written with and without brackets', () => {
  for (const text of ['[smtp.a.test]:587', 'a.test', 'a.test:2525', '[::1]:25', ''])
    expect(formatRelayHost(parseRelayHost(text))).toBe(text)
  expect(parseRelayHost('[smtp.a.test]:587')).toEqual({ host: 'smtp.a.test', port: '587', mx: false })
})

test('a setting becomes the line that Postfix has', () => {
  const values = { ...allValues(untouched), transports: [{ key: 'a.test', value: 'smtp:[10.0.0.2]:25' }] }
  expect(postfixLine('myNetworks', values)).toBe('mynetworks = 127.0.0.0/8 [::1]/128')
  expect(postfixLine('transports', values)).toBe('transport_maps = inline:{ { a.test = smtp:[10.0.0.2]:25 } }')
  expect(postfixLine('relayhost', values)).toBe('relayhost =')
  expect(postfixLine('resolver', values)).toBe('')
})

test('a patch carries the whole of a group, and no other group', () => {
  expect(patchOf({ relayhost: '[a.test]' }, untouched)).toEqual({ flow: { ...flowNow, relayhost: '[a.test]' } })
})

test('times are read and written as Postfix does', () => {
  expect([300, 4000, 432_000, 0].map(durationText)).toEqual(['5m', '4000s', '5d', '0s'])
  expect(['5m', '4000', '5 d', '-1', '99999999d'].map(parseDuration)).toEqual([
    300,
    4000,
    432_000,
    undefined,
    undefined,
  ])
})

test('every step has words; one that has none is shown as it is', () => {
  for (const code of stepCodes) expect(stepWords({ code, params: {}, setting: null })).not.toMatch(/undefined|flow\./)
  expect(stepWords({ code: 'new', params: { a: '1' }, setting: null })).toBe('new: a=1')
})

test('the way of a message is lit, as far as it gets', () => {
  const step = (code: string) => ({ code, params: {}, setting: null })
  const denied = { accepted: false, reply: '554', steps: ['foreignDomain', 'relayDenied'].map(step), destinations: [] }
  expect([...litPieces({ user: null }, denied)]).toEqual(['anybody', 'outside'])
  const home = { ...denied, accepted: true, steps: ['loggedIn', 'localDomain', 'account'].map(step) }
  const lit = litPieces({ user: 'a' }, { ...home, destinations: [{ kind: 'mailbox', account: 'a' }] })
  expect([...lit]).toEqual(['password', 'local', 'mailboxes'])
})

function open(hash: string) {
  location.hash = hash
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform('running', 0)
  render(App, { platform, preferences })
  const sent = () => platform.calls.filter(({ method }) => method === 'settings.set').map(({ params }) => params)
  return { sent, user: userEvent.setup() }
}

test('opening to the world asks for the name of the host, and can be undone', async () => {
  const { sent, user } = open('#/flow/networks')
  const field = await screen.findByLabelText(/Addresses and networks/)
  await user.type(field, '\n0.0.0.0/0')
  await user.click(await screen.findByRole('button', { name: 'Apply anyway…' }))
  const typed = await screen.findByLabelText('Type mail.lab.test to confirm')
  await user.type(typed, 'mail.lab.test{Enter}')
  const flow = { ...flowNow, myNetworks: [...flowDefaults.myNetworks, '0.0.0.0/0'] }
  await waitFor(() => expect(sent()).toEqual([{ flow }, { flow, confirmOpenRelay: 'mail.lab.test' }]))
  expect(await screen.findByRole('heading', { level: 1, name: 'Anybody can send through this server' })).toBeTruthy()
  await user.click((await screen.findAllByRole('button', { name: /Undo/ }))[0]!)
  await waitFor(() => expect(sent().at(-1)).toEqual({ flow: flowNow }))
})
