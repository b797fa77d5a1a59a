import { cleanup, screen, waitFor, within } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { next, open, start } from '../../testing/openWizard'

beforeEach(() => {
  localStorage.clear()
  location.hash = ''
})
afterEach(cleanup)

async function toFlow() {
  const wizard = open('setup')
  await wizard.choose(/A classroom network/)
  await screen.findByText('What part does your server play?')
  await wizard.go(2)
  await screen.findByText('Which way does your mail leave?')
  return wizard
}

test('a client of a relay host: what is typed is drawn, shown by Postfix’s names and set, and a message leaves', async () => {
  const { user, called, applied, go, fill } = await toFlow()
  await fill(/^Relay host/, '[smtp.instituto.test]:2525')
  await user.click(screen.getByRole('button', { name: /Add .*192\.168\.1\.0\/24/ }))
  const out = await screen.findByRole('list', { name: 'Goes out' })
  expect(within(out).getByText('[smtp.instituto.test]:2525')).toBeTruthy()
  await go()
  await screen.findByText('Two people who write to each other')
  await go(2)
  await screen.findByText('This is what will be set')
  const row = (await screen.findByText('relayhost')).closest('tr')!
  expect(within(row).getByText('[smtp.instituto.test]:2525')).toBeTruthy()
  expect(called('setup.apply')).toHaveLength(0)
  await user.click(await start())
  await screen.findByText('It has arrived', {}, { timeout: 5000 })
  expect(applied()).toMatchObject({
    mode: 'classroom',
    listen: '0.0.0.0',
    flow: { role: 'client', relayhost: '[smtp.instituto.test]:2525', networks: ['192.168.1.0/24'], relayUser: '' },
  })
  await go()
  await screen.findByText('And to the outside?')
  await fill('To', 'marta@gran-correo.test')
  await user.click(screen.getByRole('button', { name: /^Send/ }))
  expect(await screen.findByText('It is out', {}, { timeout: 5000 })).toBeTruthy()
  expect(screen.getByText(/from now on it answers for it/)).toBeTruthy()
  await user.click(screen.getByRole('button', { name: /Open Luis’s mail/ }))
  await waitFor(() => expect(location.hash).toContain('#/mail/luis'))
})

test('without a relay host nobody goes on, and this server itself is none', async () => {
  const { fill, go } = await toFlow()
  expect(screen.queryByText(/A relay host is needed/)).toBeNull()
  await go()
  expect(await screen.findByText(/A relay host is needed/)).toBeTruthy()
  await fill(/^Relay host/, 'mail.lab.test')
  expect(await screen.findByText(/is this very server/)).toBeTruthy()
  await go()
  expect(screen.queryByText('Two people who write to each other')).toBeNull()
})

test('the whole internet is no network, and that is said at once', async () => {
  const { fill, go } = await toFlow()
  await fill(/^Relay host/, '[smtp.instituto.test]')
  await fill(/^Who else sends without a password/, '0.0.0.0/0')
  expect(await screen.findByText(/would be an open relay/)).toBeTruthy()
  await go()
  expect(screen.queryByText('Two people who write to each other')).toBeNull()
})

test('a password asks for encryption, and is tried before anything is set', async () => {
  const { user, called, fill } = await toFlow()
  await fill(/^Relay host/, '[smtp.instituto.test]:587')
  await user.click(screen.getByRole('checkbox', { name: /user name and password/ }))
  expect(screen.getByLabelText<HTMLSelectElement>(/^Encryption on the way out/).value).toBe('encrypt')
  await fill('User name there', 'lab')
  await fill('Password there', 'wrong')
  await user.click(screen.getByRole('button', { name: 'Try it' }))
  expect(await screen.findByText('It does not work.')).toBeTruthy()
  await fill('Password there', 'secreto')
  expect(screen.queryByText('It does not work.')).toBeNull()
  await user.click(screen.getByRole('button', { name: 'Try it' }))
  expect(await screen.findByText(/mail can be handed in there/)).toBeTruthy()
  expect(called('setup.relay').at(-1)?.params).toMatchObject({ user: 'lab', password: 'secreto', tls: 'encrypt' })
  expect(called('setup.apply')).toHaveLength(0)
})

test('a message that waits says why, and that it is not lost', async () => {
  const { user, fill, go } = await toFlow()
  await fill(/^Relay host/, '[smtp.instituto.test]')
  await go(3)
  await user.click(await start())
  await screen.findByText('It has arrived', {}, { timeout: 5000 })
  await go()
  await fill('To', 'nadie@lejos.invalid')
  await user.click(screen.getByRole('button', { name: /^Send/ }))
  expect(await screen.findByText('It waits in the queue', {}, { timeout: 5000 })).toBeTruthy()
  expect(screen.getByText(/It is not lost/)).toBeTruthy()
  expect((await screen.findAllByText(/Connection timed out/)).length).toBeGreaterThan(0)
  // In plain words, and what to do.
  expect(await screen.findByText(/took the connection and then said nothing/)).toBeTruthy()
})

test('with the keyboard alone, and back without losing anything', async () => {
  const { user } = open('setup')
  await screen.findByText('Which language shall we speak?')
  await user.keyboard('{Enter}')
  await screen.findByText('What do you want it for?')
  screen.getByRole('radio', { name: /To learn/ }).focus()
  await user.keyboard('{ArrowDown}{Enter}')
  await screen.findByText('What part does your server play?')
  await user.keyboard('{Enter}')
  await screen.findByText('What is your server called?')
  await user.keyboard('{Enter}')
  const host = await screen.findByLabelText<HTMLInputElement>(/^Relay host/)
  expect(document.activeElement).toBe(host)
  await user.keyboard('smtp.instituto.test{Enter}')
  await screen.findByText('Two people who write to each other')
  await user.keyboard('{Alt>}{ArrowLeft}{/Alt}')
  expect((await screen.findByLabelText<HTMLInputElement>(/^Relay host/)).value).toBe('smtp.instituto.test')
  // In a field of several lines Enter is a new line.
  const networks = screen.getByLabelText<HTMLTextAreaElement>(/^Who else sends/)
  await user.type(networks, '10.0.0.7{Enter}10.0.0.8')
  expect(networks.value).toBe('10.0.0.7\n10.0.0.8')
  expect(await next()).toBeTruthy()
})
