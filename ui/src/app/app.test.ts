import { cleanup, render, screen, waitFor } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Scene } from '../testing/fakeEngine'
import { FakePlatform } from '../testing/fakePlatform'
import App from './App.svelte'
import { Preferences } from './preferences.svelte'

beforeEach(() => {
  localStorage.clear()
  location.hash = ''
})
afterEach(cleanup)

function open(scene: Scene) {
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform(scene, 0)
  render(App, { platform, preferences })
  return { platform, preferences, user: userEvent.setup() }
}

test('a running server opens the shell, with its ports and the unread mail', async () => {
  open('running')
  expect(await screen.findByRole('link', { name: /Overview/ })).toBeTruthy()
  expect(await screen.findByText('2525')).toBeTruthy()
  expect(await screen.findByLabelText('3 unread messages')).toBeTruthy()
})

test('the language changes every text in place', async () => {
  const { preferences } = open('running')
  await screen.findByText('Mailboxes')
  preferences.chooseLocale('es')
  expect(await screen.findByText('Buzones')).toBeTruthy()
  expect(document.documentElement.lang).toBe('es')
})

test('stopping shows it everywhere, and can be undone', async () => {
  const { platform, user } = open('running')
  await user.click(await screen.findByRole('button', { name: 'Stop' }))
  expect(await screen.findByText('Nobody can deliver or read mail until it runs again.')).toBeTruthy()
  await user.click(await screen.findByRole('button', { name: /Undo/ }))
  await waitFor(() => expect(platform.engine.status.phase).toBe('running'))
})

test('Ctrl K finds a view by its name and opens it', async () => {
  const { user } = open('running')
  await screen.findByText('2525')
  await user.keyboard('{Control>}k{/Control}')
  await user.type(await screen.findByRole('combobox'), 'tls{Enter}')
  await waitFor(() => expect(location.hash).toBe('#/tls'))
})

test('a failed start says what holds the port, and practice ports help', async () => {
  const { platform, user } = open('fail')
  expect(await screen.findByText('Another program has port 2525')).toBeTruthy()
  expect(screen.getByText('python3')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: 'Use practice ports' }))
  await screen.findByRole('link', { name: /Overview/ })
  expect(platform.calls.find(({ method }) => method === 'settings.set')?.params).toEqual({ ports: 'practice' })
})

test('Ctrl + and Ctrl - change the size of everything, in the wizard too', async () => {
  const platform = new FakePlatform('setup', 0)
  platform.capabilities.zoom = true
  render(App, { platform, preferences: new Preferences() })
  await screen.findByRole('heading', { level: 1 })
  const user = userEvent.setup()
  await user.keyboard('{Control>}++-{/Control}')
  await waitFor(() => expect(platform.zooms).toEqual([1, 1.1, 1.25, 1.1]))
  await user.keyboard('{Control>}0{/Control}')
  await waitFor(() => expect(platform.zooms.at(-1)).toBe(1))
})

test('who brings no key is told so, and nothing of a failure', async () => {
  open('stranger')
  expect(
    await screen.findByRole('heading', { name: 'The server is running, but does not know this page' }),
  ).toBeTruthy()
  expect(screen.getByText(/the address that/)).toBeTruthy()
  expect(screen.queryByText('The server could not start')).toBeNull()
  expect(screen.queryByRole('button', { name: 'Copy report' })).toBeNull()
})

test('the app can be opened without the server', async () => {
  const { user } = open('fail')
  await user.click(await screen.findByRole('button', { name: 'Open without server' }))
  expect(await screen.findByRole('link', { name: /Overview/ })).toBeTruthy()
})
