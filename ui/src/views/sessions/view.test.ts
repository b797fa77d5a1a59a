import { cleanup, render, screen, waitFor } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import App from '$app/App.svelte'
import { Preferences } from '$app/preferences.svelte'
import type { Params } from '$api'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Scene } from '../../testing/fakeEngine'
import { FakePlatform } from '../../testing/fakePlatform'
import { sessions } from '../../testing/data/sessions'

beforeEach(() => {
  localStorage.clear()
  // Without a height the lists would draw no rows.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(900)
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

function open(hash: string, scene: Scene = 'running') {
  location.hash = hash
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform(scene, 0)
  render(App, { platform, preferences })
  const params = <T>(name: string) =>
    platform.calls.filter(({ method }) => method === name).map((call) => call.params as T)
  return { platform, user: userEvent.setup(), params }
}
const chosenLine = () => screen.queryAllByRole('option', { selected: true })[0]?.querySelector('.text')?.textContent

/** The first line in view that is about a message. Nothing scrolls here, so the first rows are drawn. */
async function lineOfMessage() {
  const [mark] = await screen.findAllByText(/^4gF/, { selector: '.qid' })
  return { line: mark!.closest<HTMLElement>('[role=option]')!, queueId: mark!.textContent }
}

test('the arrows go through the list, Enter opens, Escape leads back to the same row', async () => {
  const { user } = open('#/sessions')
  await screen.findByText(/Closed during the handshake/)
  screen.getAllByRole('option')[0]!.focus()
  await user.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}')
  expect(screen.getByRole('option', { selected: true }).textContent).toContain('1 message to luis@lab.test')
  await user.keyboard('{Enter}')
  await screen.findByRole('heading', { name: 'Ana hands in a message over the submission port' })
  expect(location.hash).toBe('#/sessions/48')
  await user.keyboard('{Escape}')
  await waitFor(() =>
    expect(screen.getByRole('option', { selected: true }).textContent).toContain('1 message to luis@lab.test'),
  )
})

test('N goes from one explained line to the next, and the explanations can be switched off', async () => {
  const { user } = open('#/sessions/48')
  await screen.findByText(/introduces itself/)
  await user.keyboard('n')
  expect(chosenLine()).toContain('220 mail.lab.test')
  await user.keyboard('nnp{ArrowDown}{ArrowDown}')
  expect(chosenLine()).toContain('250-PIPELINING')
  await user.click(screen.getByRole('switch', { name: 'Explanations' }))
  expect(screen.queryByText(/introduces itself/)).toBeNull()
})

test('an open session is asked for what is new only', async () => {
  const { params, platform } = open('#/sessions/54')
  await screen.findByText(/waits: tell me/)
  const known = params<Params<'session.get'>>('session.get')
  await waitFor(() => expect(params('session.get').length).toBeGreaterThan(known.length))
  expect(params<Params<'session.get'>>('session.get').at(-1)!.fromLine).toBeGreaterThan(20)
  expect(platform.calls.some(({ method }) => method === 'session.get')).toBe(true)
})

test('a session nobody knows says so', async () => {
  open('#/sessions/999')
  expect((await screen.findByRole('alert')).textContent).toContain('session.unknown')
})

test('a user of the system has a name and a number, and no port', async () => {
  const { platform } = open('#/sessions')
  await screen.findByText(/Closed during the handshake/)
  const local = { service: 'local', port: 0, tls: null, localUser: { name: 'luis', uid: 1000 } } as const
  platform.emit({ kind: 'sessions', sessions: [{ ...sessions[0]!, id: 90, ...local, clientName: 'mail.lab.test' }] })
  const who = await screen.findByText('local user luis (uid 1000)')
  const row = who.parentElement!.parentElement!
  expect(row.textContent).toContain('sendmail')
  expect(row.textContent).toContain('on this computer')
  expect(row.textContent).not.toContain('mail.lab.test')
})

test('a session that begins appears by itself, and a refusal under Refused', async () => {
  const { platform, user } = open('#/sessions')
  await screen.findByText(/Closed during the handshake/)
  platform.emit({ kind: 'sessions', sessions: [{ ...sessions[0]!, id: 90, clientName: 'nuevo', result: 'open' }] })
  await screen.findByText('nuevo')
  await user.click(screen.getByRole('tab', { name: /Refused/ }))
  await waitFor(() => expect(screen.queryByText('nuevo')).toBeNull())
  await screen.findByText('Wrong password, 2 times')
})

test('F shows only the lines of the same message, and all again', async () => {
  const { user } = open('#/log')
  const { line, queueId } = await lineOfMessage()
  await user.click(line)
  await screen.findByRole('link', { name: 'See only its lines' })
  await user.keyboard('f')
  const shown = () => new Set([...document.querySelectorAll('.qid')].map((mark) => mark.textContent))
  await waitFor(() => expect([...shown()]).toEqual([queueId]))
  expect(location.hash).toBe(`#/log?queue=${queueId}`)
  await user.keyboard('f')
  await waitFor(() => expect(shown().size).toBeGreaterThan(1))
})

test('Space pauses the log and says how much waits', async () => {
  const { user, platform } = open('#/log')
  await lineOfMessage()
  await user.keyboard(' ')
  const line = { id: 9000, at: 0, level: 'info', service: 'qmgr', pid: 1, queueId: null, session: null } as const
  platform.emit({ kind: 'log', lines: [{ ...line, text: 'reload configuration' }], skipped: 0 })
  const release = await screen.findByRole('button', { name: /1 line waits/ })
  await user.click(release)
  await waitFor(() => expect(screen.queryByRole('button', { name: /waits/ })).toBeNull())
})

test('the log that is shown is the log that is saved', async () => {
  const { user, platform, params } = open('#/log')
  await lineOfMessage()
  await user.click(screen.getByRole('radio', { name: 'Refusals' }))
  await user.click(screen.getByRole('button', { name: 'Export…' }))
  await waitFor(() => expect(platform.saved.map(({ name }) => name)).toEqual(['mail.log']))
  expect(params<Params<'log.export'>>('log.export')).toMatchObject([{ level: 'refused' }])
})

test('the authority is saved to a file, and the last step turns green when a program comes in', async () => {
  const { user, platform } = open('#/tls')
  await screen.findByRole('heading', { name: /One program does not trust us yet/ })
  await user.click(screen.getByRole('button', { name: 'Export CA…' }))
  await waitFor(() => expect(platform.saved.map(({ name }) => name)).toEqual(['postigo-lab.test-ca.pem']))
  await screen.findByText(/Waiting for a connection on 2993/)
  const opened = Date.now() * 1000 + 1e6
  platform.emit({ kind: 'sessions', sessions: [{ ...sessions[0]!, id: 90, opened, clientName: 'Thunderbird' }] })
  await screen.findByText(/accepted the certificate/)
})

test('with a certificate of one’s own there is nothing to hand out', async () => {
  open('#/tls', 'own')
  await screen.findByRole('heading', { name: 'Nothing to hand out' })
  expect(screen.queryByRole('button', { name: /Export/ })).toBeNull()
})

test('a journey has an address of its own', async () => {
  open('#/journey/4gFq2R0zXJ')
  await screen.findByRole('heading', { level: 1, name: '“Prueba del puerto de envío” and its journey' })
})

test.each([
  ['#/log', 'Nothing has happened yet'],
  ['#/sessions', 'Nobody has come yet'],
  ['#/sessions?refused', 'Nobody has been refused'],
])('%s of a new server', async (hash, title) => {
  open(hash, 'empty')
  await screen.findByRole('heading', { name: title })
})
