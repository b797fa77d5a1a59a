import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import App from '$app/App.svelte'
import { Preferences } from '$app/preferences.svelte'
import { FakePlatform } from '../../testing/fakePlatform'

// A view is fetched when it is first opened; that must not count as the time a test waits.
beforeAll(() => import('./Mailboxes.svelte'), 60_000)
beforeEach(() => localStorage.clear())
afterEach(cleanup)

function open(hash: string) {
  location.hash = hash
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform('running', 0)
  render(App, { platform, preferences })
  const called = (method: string) => platform.calls.filter((call) => call.method === method).map(({ params }) => params)
  return { platform, called, user: userEvent.setup() }
}
const dialog = () => screen.findByRole('dialog')

test('the chosen person is explained, with the folder on disk', async () => {
  const { platform, user } = open('#/mailboxes/luis%40lab.test')
  expect(await screen.findByText('/home/ana/Postigo/mail/lab.test/luis/Maildir')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: 'Open folder' }))
  expect(platform.opened).toEqual(['/home/ana/Postigo/mail/lab.test/luis/Maildir'])
  await user.click(screen.getByRole('row', { name: /Marta Díaz/ }))
  await waitFor(() => expect(location.hash).toBe('#/mailboxes/marta%40lab.test'))
})

test('N adds a person; an address that is taken is said while typing', async () => {
  const { called, user } = open('#/mailboxes')
  await screen.findByRole('row', { name: /Ana Robles/ })
  await user.keyboard('n')
  const form = within(await dialog())
  await user.type(form.getByLabelText('Name'), 'Ana')
  expect(await form.findByText(/already/)).toBeTruthy()
  await user.click(form.getByRole('button', { name: 'Add' }))
  expect(called('account.add')).toEqual([])
  await user.clear(form.getByLabelText('User'))
  await user.type(form.getByLabelText('User'), 'noelia')
  const password = form.getByLabelText<HTMLInputElement>('Password').value
  expect(password.split('-')).toHaveLength(4)
  await user.click(form.getByRole('button', { name: 'Add' }))
  await waitFor(() => expect(location.hash).toBe('#/mailboxes/noelia%40lab.test'))
  expect(called('account.add')).toEqual([
    {
      address: 'noelia@lab.test',
      displayName: 'Ana',
      password,
      storage: { format: 'maildir', systemUser: null },
    },
  ])
})

test('another view can ask for a certain mailbox', async () => {
  open('#/mailboxes?add=postmaster')
  expect(within(await dialog()).getByLabelText<HTMLInputElement>('User').value).toBe('postmaster')
})

test('deleting asks for the name, keeps the mail unless told otherwise, and says where it is', async () => {
  const { called, user } = open('#/mailboxes/luis%40lab.test')
  await screen.findByText('/home/ana/Postigo/mail/lab.test/luis/Maildir')
  await user.keyboard('{Delete}')
  const confirm = within(await screen.findByRole('alertdialog'))
  await user.click(confirm.getByRole('button', { name: 'Delete the mailbox' }))
  expect(called('account.delete')).toEqual([])
  await user.type(confirm.getByLabelText('Type luis to confirm'), 'luis{Enter}')
  expect(await screen.findByText('/home/ana/Postigo/mail/lab.test/luis@lab.test.deleted')).toBeTruthy()
  expect(called('account.delete')).toEqual([{ address: 'luis@lab.test', mail: 'keep' }])
  await waitFor(() => expect(screen.queryByRole('row', { name: /Luis Vega/ })).toBeNull())
})

test('disabling can be undone', async () => {
  const { platform, user } = open('#/mailboxes/luis%40lab.test')
  await user.click(await screen.findByRole('button', { name: 'Disable' }))
  const enabled = () => platform.engine.accounts.find(({ user }) => user === 'luis')?.enabled
  await waitFor(() => expect(enabled()).toBe(false))
  await user.click(await screen.findByRole('button', { name: /Undo/ }))
  await waitFor(() => expect(enabled()).toBe(true))
})

test('a password is made of four words, can be hidden, and is sent as it stands', async () => {
  const { called, user } = open('#/mailboxes/luis%40lab.test')
  await user.click(await screen.findByRole('button', { name: 'Password…' }))
  const form = within(await dialog())
  const field = form.getByLabelText<HTMLInputElement>('New password')
  await user.click(form.getByRole('button', { name: 'Hide the password' }))
  expect(field.type).toBe('password')
  const password = field.value
  await user.click(form.getByRole('button', { name: 'Change the password' }))
  await waitFor(() => expect(called('account.password')).toEqual([{ address: 'luis@lab.test', password }]))
})

test('mail can move to a user of this computer; the path and the owner are shown', async () => {
  const { called, user } = open('#/mailboxes/luis%40lab.test')
  await user.click(await screen.findByRole('button', { name: 'Move…' }))
  const form = within(await dialog())
  await form.findByRole('option', { name: /home_mailbox/ })
  await user.selectOptions(form.getByLabelText('Where the mail is kept'), 'systemMbox')
  expect(form.getByLabelText<HTMLInputElement>('User of this computer').value).toBe('luis')
  expect(form.getByText('/var/mail/luis')).toBeTruthy()
  await user.click(form.getByRole('button', { name: 'Move' }))
  await waitFor(() => expect(called('account.update')).toHaveLength(1))
  expect(called('account.update')[0]).toMatchObject({ storage: { format: 'mbox', systemUser: 'luis' } })
  expect(await screen.findByText(/all messages of the inbox in one file/)).toBeTruthy()
})
