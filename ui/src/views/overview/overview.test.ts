import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Attention, AttentionCode, Listener, Overview } from '$api'
import App from '$app/App.svelte'
import { Preferences } from '$app/preferences.svelte'
import type { Scene } from '../../testing/fakeEngine'
import { FakePlatform } from '../../testing/fakePlatform'
import { attentionWords } from './attention'
import { clientFacts, curlReadCommand, curlSendCommand, pythonScript, shellWord, swaksCommand } from './clientCommands'
import { busiest, hoursOf } from './hours'
import { clientName, parties, rowHref, stops } from './outcomes'
import { verdict } from './verdict'

// A view is fetched when it is first opened; that must not count as the time a test waits.
beforeAll(() => import('./Overview.svelte'), 60_000)
beforeEach(() => {
  localStorage.clear()
  location.hash = ''
  new Preferences().chooseLocale('en')
})
afterEach(cleanup)

function open(scene: Scene) {
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform(scene, 0)
  render(App, { platform, preferences })
  return { platform, user: userEvent.setup() }
}

const listener = (service: Listener['service'], port: number): Listener => ({
  service,
  port,
  standardPort: 25,
  reason: { kind: 'chosen' },
  implicitTls: false,
  open: true,
  error: null,
  sessions: 0,
})
const status = {
  host: 'mail.lab.test',
  listen: '127.0.0.1',
  mode: 'lab' as const,
  listeners: [listener('submission', 2587), listener('submissions', 2465), listener('imaps', 2993)],
}
const tls = { authorityPath: '/home/ana/My Mail/ca.pem', server: { names: ['mail.lab.test', 'localhost'] } }
const facts = clientFacts({ status, tls, user: 'ana@lab.test', recipient: 'luis@lab.test' })

test('the commands carry the real ports, trust the authority and never a password', () => {
  expect(swaksCommand(facts, 'Hola', "it's")).toBe(
    [
      'swaks',
      '--server localhost --port 2587',
      "--tls --tls-verify --tls-ca-path '/home/ana/My Mail/ca.pem'",
      '--auth-user ana@lab.test',
      '--from ana@lab.test --to luis@lab.test',
      `--header 'Subject: Hola' --body 'it'\\''s'`,
    ].join(' \\\n  '),
  )
  const read = curlReadCommand(facts)
  expect(read).toContain("--cacert '/home/ana/My Mail/ca.pem'")
  expect(read).toContain('--resolve mail.lab.test:2993:127.0.0.1')
  expect(read).toContain('imaps://mail.lab.test:2993/')
  const send = curlSendCommand(facts, 'Hola', 'x')
  expect(send).toContain('--resolve mail.lab.test:2465:127.0.0.1')
  expect(send.startsWith("printf '%s\\r\\n' \\\n  'From: <ana@lab.test>' \\\n")).toBe(true)
  expect(pythonScript(facts, 'Hola', 'x')).toContain('cafile="/home/ana/My Mail/ca.pem"')
})

test('with a certificate of its own and a public name nothing is resolved by hand', () => {
  const own = { authorityPath: null, server: { names: ['mail.gonzalo.example'] } }
  const real = clientFacts({
    status: { ...status, host: 'mail.gonzalo.example', listen: '0.0.0.0', mode: 'internet' },
    tls: own,
    user: 'ana@gonzalo.example',
    recipient: 'ana@gonzalo.example',
  })
  expect(real.address).toBe('127.0.0.1')
  expect(curlReadCommand(real)).not.toMatch(/--resolve|--cacert/)
  expect(swaksCommand(real, 'a', 'b')).toContain('--server mail.gonzalo.example')
  expect(pythonScript(real, 'a', 'b')).toContain('create_default_context()')
})

test('a word for the shell cannot break out of its quotes', () => {
  expect(shellWord('plain@lab.test')).toBe('plain@lab.test')
  expect(shellWord('$(reboot)')).toBe("'$(reboot)'")
  expect(shellWord("a'; reboot; '")).toBe(`'a'\\''; reboot; '\\'''`)
  expect(shellWord('')).toBe("''")
})

test('every kind of attention has words and a place where it is put right', () => {
  const params: Record<AttentionCode, Attention['params']> = {
    mailboxFileBehind: { address: 'luis@lab.test', path: '/var/mail/luis', code: 'mailbox.locked' },
    queueOld: { messages: '3', since: '1' },
    queueLong: { messages: '7000' },
    nameServerSilent: { server: '127.0.0.1:53', since: '1' },
    relayPasswordLocked: {},
    listenerClosed: { service: 'imaps', port: '993', detail: 'taken' },
    clientDistrusts: { client: 'laptop', times: '2', session: '7' },
    wrongPasswords: { client: '10.0.0.9', user: 'ana@lab.test', times: '5', session: '8' },
    certificateEnds: { name: 'mail.lab.test', days: '3' },
    diskAlmostFull: { path: '/data', octets: '4000000' },
    noPostmaster: { domain: 'lab.test' },
    openRelay: { setting: 'mynetworks', value: '0.0.0.0/0' },
    destinationDown: { destination: 'lento.test', messages: '31' },
    traceBehind: { count: '1200' },
  }
  for (const [code, given] of Object.entries(params) as [AttentionCode, Attention['params']][]) {
    const words = attentionWords({ code, severe: false, params: given })
    expect(`${words.what} ${words.why} ${words.action}`).not.toMatch(/undefined|NaN|overview\.|—|\{/)
    expect(words.href).toMatch(/^#\/(settings|tls|sessions|mailboxes|log|flow|queue)/)
  }
  const ended = attentionWords({ code: 'certificateEnds', severe: true, params: { name: 'x', days: '-1' } })
  expect(ended.what).toContain('past its date')
})

test('the title counts what there is to look at', () => {
  const overview = (attention: Attention[]): Overview => ({
    receivedToday: 1,
    sentToday: 0,
    refusedToday: 0,
    hourly: [1],
    openSessions: 0,
    attention,
    recent: [],
  })
  const mild: Attention = { code: 'noPostmaster', severe: false, params: {} }
  expect(verdict('running', overview([]))).toBe('Mail works.')
  expect(verdict('running', overview([mild]))).toBe('Mail works. There is one thing to look at.')
  expect(verdict('running', overview(Array(7).fill(mild)))).toContain('7 things')
  expect(verdict('running', overview([{ ...mild, severe: true }]))).toContain('does not work')
  expect(verdict('stopped', overview([mild]))).toBe('The server is stopped.')
})

test('bars stand where their hour was, and the busiest is named', () => {
  const quarter = 900_000_000
  const hours = hoursOf([0, 3, 3], 1000 * quarter + 5)
  expect(hours.map(({ start }) => start / quarter)).toEqual([989, 993, 997])
  expect(busiest(hours)?.start).toBe(997 * quarter)
  expect(busiest(hoursOf([0, 0], 0))).toBeUndefined()
})

test('a message leads to its journey, one refused at the door to its session', () => {
  expect(rowHref({ queueId: '4gFq2R0zXJ', session: 3 })).toBe('#/journey/4gFq2R0zXJ')
  expect(rowHref({ queueId: null, session: 3 })).toBe('#/sessions/3')
  const row = { queueId: null, session: 1, at: 0, subject: null, client: 'x', outcome: 'refused' as const }
  const of = { ...row, reversePath: '', recipients: ['ana@lab.test'], recipientCount: 4 }
  expect(parties(of, ['lab.test'])).toBe('<> → ana +3')
  const posing = { ...of, reversePath: 'ana@lab.test', client: 'bad.example[10.0.0.9]' }
  expect(stops(posing, ['lab.test'])[0].label).toBe('bad.example')
  expect(stops({ ...posing, outcome: 'delivered' }, ['lab.test'])[0].label).toBe('ana')
  expect(clientName('[10.0.0.9]')).toBe('[10.0.0.9]')
})

test('the page shows figures, attention and messages; a stopped server offers to start', async () => {
  const { platform, user } = open('running')
  expect(await screen.findByRole('heading', { level: 1, name: /two things/ })).toBeTruthy()
  const today = within(screen.getByRole('region', { name: 'Today' }))
  expect(today.getByText('Refused').nextElementSibling?.textContent).toBe('3')
  // No list shows just what was counted, so no figure may lead to one.
  expect(today.queryAllByRole('link')).toEqual([])
  expect(screen.getByRole('link', { name: /Prueba del puerto/ }).getAttribute('href')).toBe('#/journey/4gFq2R0zXJ')
  await user.click(await screen.findByRole('radio', { name: 'swaks' }))
  expect(await screen.findByText(/--port 2587/)).toBeTruthy()
  await user.click(screen.getByRole('button', { name: 'Stop' }))
  expect(await screen.findByRole('heading', { level: 1, name: 'The server is stopped.' })).toBeTruthy()
  await user.click(screen.getAllByRole('button', { name: 'Start' })[0]!)
  await waitFor(() => expect(platform.engine.status.phase).toBe('running'))
})

test('before the first message there is the door, and the test is one key away', async () => {
  const { user } = open('empty')
  await user.click(await screen.findByRole('button', { name: 'Send a test' }))
  await waitFor(() => expect(location.hash).toMatch(/^#\/mail/))
})
