import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import App from '$app/App.svelte'
import { Preferences } from '$app/preferences.svelte'
import type { Params } from '$api'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FakePlatform } from '../../testing/fakePlatform'
import type { Scene } from '../../testing/fakeEngine'

const inbox = '#/mail/luis%40lab.test/INBOX'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
  // Without a height the list would draw no rows.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(900)
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

async function open(hash = inbox, scene: Scene = 'running') {
  location.hash = hash
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform(scene, 0)
  render(App, { platform, preferences })
  const params = <T>(name: string) =>
    platform.calls.filter(({ method }) => method === name).map((call) => call.params as T)
  const user = userEvent.setup()
  if (scene === 'running') await screen.findByText('Prueba del puerto de envío', { selector: '.subject' })
  return { platform, user, params }
}
const chosen = () =>
  screen.getAllByRole('option', { selected: true }).map((row) => row.querySelector('.subject')?.textContent)
const reading = (name: string) => screen.findByRole('heading', { level: 1, name })

test('J and K go through the list, and an opened message counts as read', async () => {
  const { user, params } = await open()
  await user.keyboard('j')
  await reading('Prueba del puerto de envío')
  await user.keyboard('j')
  await reading('Re: Presupuesto de las puertas')
  await waitFor(() =>
    expect(params<Params<'mail.flag'>>('mail.flag').map(({ messages }) => messages.uids)).toEqual([[214], [213]]),
  )
  await user.keyboard('k')
  await reading('Prueba del puerto de envío')
  expect(location.hash).toBe(`${inbox}/214`)
})

test('U keeps an open message unread', async () => {
  const { user, params } = await open(`${inbox}/211`)
  await reading('Las llaves del taller')
  await user.keyboard('u')
  await waitFor(() => expect(params<Params<'mail.flag'>>('mail.flag')).toMatchObject([{ seen: false }]))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(params('mail.flag')).toHaveLength(1)
})

test('E archives, opens the next one, and can be undone', async () => {
  const { user, params } = await open(`${inbox}/214`)
  await reading('Prueba del puerto de envío')
  await user.keyboard('e')
  await reading('Re: Presupuesto de las puertas')
  expect(params<Params<'mail.move'>>('mail.move')).toMatchObject([{ messages: { uids: [214] }, to: 'Archive' }])
  await user.click(await screen.findByRole('button', { name: /Undo/ }))
  await screen.findByText('Prueba del puerto de envío', { selector: '.subject' })
})

test('Shift and Ctrl choose several, and one key acts on all of them', async () => {
  const { user, params } = await open()
  await user.keyboard('j')
  await reading('Prueba del puerto de envío')
  await waitFor(() => expect(document.activeElement?.getAttribute('role')).toBe('option'))
  await user.keyboard('{Shift>}{ArrowDown}{ArrowDown}{/Shift}')
  expect(chosen()).toHaveLength(3)
  const last = screen.getByText('Las llaves del taller', { selector: '.subject' })
  await user.keyboard('{Control>}')
  await user.click(last)
  await user.keyboard('{/Control}')
  expect(chosen()).toHaveLength(4)
  await user.keyboard('{Delete}')
  expect(params<Params<'mail.delete'>>('mail.delete')).toMatchObject([{ uids: [214, 213, 212, 211] }])
  await waitFor(() => expect(screen.queryByText('Las llaves del taller')).toBeNull())
})

test('G S opens the settings and stars nothing', async () => {
  const { user, params } = await open(`${inbox}/211`)
  await reading('Las llaves del taller')
  await user.keyboard('gs')
  expect(location.hash).toBe('#/settings')
  expect(params('mail.flag')).toEqual([])
})

test('a letter typed into a message is no command', async () => {
  const { user, params } = await open(`${inbox}/211`)
  await reading('Las llaves del taller')
  await user.keyboard('r')
  const body = await screen.findByRole('textbox', { name: 'Text' })
  await waitFor(() => expect(document.activeElement).toBe(body))
  await user.keyboard('eseuj')
  expect((body as HTMLTextAreaElement).value).toMatch(/^eseuj/)
  expect([...params('mail.move'), ...params('mail.flag')]).toEqual([])
})

test('Ctrl+Enter sends, and what the server answered is shown', async () => {
  const { user, params } = await open(`${inbox}/211`)
  await reading('Las llaves del taller')
  await user.keyboard('r')
  await screen.findByRole('textbox', { name: 'Text' })
  await user.keyboard('{Control>}{Enter}{/Control}')
  expect(await screen.findByText('250 2.0.0 Ok: queued as 4gFq2R0zXJ', { selector: '.banner code' })).toBeTruthy()
  expect(params<Params<'mail.send'>>('mail.send')[0]?.draft.to).toEqual(['Ana Robles <ana@lab.test>'])
})

test('Escape keeps the draft', async () => {
  const { user, params } = await open()
  await user.keyboard('c')
  await user.type(await screen.findByRole('textbox', { name: 'Subject' }), 'Bisagras')
  await user.keyboard('{Escape}')
  await waitFor(() => expect(screen.queryByRole('textbox', { name: 'Subject' })).toBeNull())
  expect(params<Params<'mail.draft_save'>>('mail.draft_save')).toMatchObject([{ draft: { subject: 'Bisagras' } }])
})

test('a mailbox that does not exist turns red with the reason, before anything is sent', async () => {
  const { user, params } = await open()
  await user.keyboard('c')
  const to = await screen.findByRole('combobox', { name: 'To' })
  await user.type(to, 'lius@lab.test,')
  expect(await screen.findByText(/There is no mailbox lius@lab.test here/)).toBeTruthy()
  expect(to.getAttribute('aria-invalid')).toBe('true')
  await user.keyboard('{Control>}{Enter}{/Control}')
  expect(await screen.findByText('The server will refuse lius@lab.test')).toBeTruthy()
  expect(params('mail.send')).toEqual([])
})

test('another server is reached through the queue, and said so', async () => {
  const { user } = await open()
  await user.keyboard('c')
  await user.type(await screen.findByRole('combobox', { name: 'To' }), 'marta@gran-correo.test,')
  expect(
    await screen.findByText('Goes to the server of gran-correo.test, through the queue.', { selector: '.words' }),
  ).toBeTruthy()
})

test('new mail appears by itself and is said', async () => {
  const { platform } = await open()
  platform.engine.mail.deliver()
  expect(await screen.findByText('Recién llegado', { selector: '.subject' })).toBeTruthy()
  expect(screen.getAllByRole('status').map((one) => one.textContent)).toContain('A new message')
})

test('HTML stands in a frame without scripts, and remote images wait to be asked for', async () => {
  const { user } = await open(`${inbox}/212`)
  const frame = await screen.findByTitle(/^Message: Castaño/)
  expect(frame.getAttribute('sandbox')).toBe('allow-popups allow-popups-to-escape-sandbox')
  const before = frame.getAttribute('src')
  await user.click(screen.getByRole('button', { name: 'Show' }))
  await waitFor(() => expect(screen.getByTitle(/^Message: Castaño/).getAttribute('src')).not.toBe(before))
})

test('a link of a message opens outside and tells its target nothing', async () => {
  await open(`${inbox}/213`)
  const link = await screen.findByRole('link', { name: /wikipedia/ })
  expect(link.getAttribute('target')).toBe('_blank')
  expect(link.getAttribute('rel')).toContain('noreferrer')
})

test('why there is no journey is said plainly', async () => {
  const { user } = await open(`${inbox}/213`)
  await reading('Re: Presupuesto de las puertas')
  await user.click(await screen.findByRole('tab', { name: 'Its journey' }))
  expect(await screen.findByText('Its journey is no longer kept')).toBeTruthy()
})

test('headers come with their meaning, and can be read as they were written', async () => {
  const { user } = await open(`${inbox}/214`)
  await user.click(await screen.findByRole('tab', { name: /Headers/ }))
  const received = (await screen.findByText('Received')).closest('tr')!
  expect(within(received).getByText(/Read them from the bottom up/)).toBeTruthy()
  await user.click(screen.getByRole('radio', { name: 'As written' }))
  expect(await screen.findByText(/^=\?utf-8\?Q\?/)).toBeTruthy()
})

test('a wrong password of another server is said at the password', async () => {
  const { user } = await open()
  await user.click(screen.getByRole('button', { name: 'Add account…', hidden: true }))
  await user.type(await screen.findByLabelText('Address'), 'luis@example.org')
  await user.type(screen.getByLabelText('Password'), 'wrong')
  await user.click(screen.getByRole('button', { name: 'Try and add' }))
  expect(await screen.findByText(/does not accept user name and password/)).toBeTruthy()
  expect(screen.getByLabelText('Password').getAttribute('aria-invalid')).toBe('true')
})

test('an empty folder shows the door and how to begin', async () => {
  await open('#/mail', 'empty')
  expect(await screen.findByText('There is nothing in here')).toBeTruthy()
})
