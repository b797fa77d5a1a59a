import { cleanup, render, screen, waitFor } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import App from '$app/App.svelte'
import { Preferences } from '$app/preferences.svelte'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FakePlatform } from '../../testing/fakePlatform'

const link = 'mailto:luis@lab.test?subject=Hola&body=%C2%BFComemos%3F'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})
afterEach(cleanup)

function open(hash: string, handed?: string) {
  location.hash = hash
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform('running', 0)
  if (handed) platform.handOver(handed)
  render(App, { platform, preferences })
  return { platform, user: userEvent.setup() }
}
async function isFilledIn() {
  const subject = await screen.findByLabelText<HTMLInputElement>('Subject')
  await waitFor(() => expect(subject.value).toBe('Hola'))
  expect(screen.getByLabelText<HTMLTextAreaElement>('Text').value).toBe('¿Comemos?')
  await waitFor(() => expect(location.hash).toMatch(/^#\/mail\/.*\/INBOX$/))
  expect(screen.getByLabelText<HTMLInputElement>('Subject').value).toBe('Hola')
}

test('a mailto link that the program is started with is written to', async () => {
  open('', link)
  await isFilledIn()
})

test.each(['#/overview', '#/log', '#/mail/luis%40lab.test/INBOX/213'])(
  'a second one while %s is open, too',
  async (hash) => {
    const { platform } = open(hash)
    await screen.findByText('2525')
    platform.handOver(link)
    await isFilledIn()
  },
)

test('"Write" of the overview opens an empty message', async () => {
  const { user } = open('#/overview')
  await user.click(await screen.findByRole('button', { name: /^Write/ }))
  const subject = await screen.findByLabelText<HTMLInputElement>('Subject')
  await waitFor(() => expect(location.hash).toMatch(/^#\/mail\/.*\/INBOX$/))
  expect(subject.isConnected).toBe(true)
})
