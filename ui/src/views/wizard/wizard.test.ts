import { cleanup, screen, waitFor } from '@testing-library/svelte'
import type { Params } from '$api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { next, open } from '../../testing/openWizard'
import { newPassword, words } from './passwords'
import { Person } from './person.svelte'

beforeEach(() => {
  localStorage.clear()
  location.hash = ''
})
afterEach(cleanup)

test('five screens lead from nothing to a message that arrived', async () => {
  const { user, called } = open('setup')
  await screen.findByText('Which language shall we speak?')
  await user.click(await next())
  await screen.findByText('What do you want it for?')
  await user.click(await next())
  await user.click(await next())
  await screen.findByText('Two people who write to each other')
  await user.click(await next())
  expect(await screen.findByText('exim4')).toBeTruthy()
  expect(called('setup.apply')).toHaveLength(0)
  await user.click(await screen.findByRole('button', { name: /Start and send a test/ }))
  await screen.findByText('It has arrived', {}, { timeout: 5000 })
  const setup = called('setup.apply')[0]?.params as Params<'setup.apply'>
  expect(setup).toMatchObject({
    mode: 'lab',
    domain: 'lab.test',
    host: 'mail.lab.test',
    listen: '127.0.0.1',
    postmaster: 'ana',
  })
  expect(setup.users.map(({ user }) => user)).toEqual(['ana', 'luis'])
  await user.click(screen.getByRole('button', { name: /Open Luis’s mail/ }))
  await waitFor(() => expect(location.hash).toBe('#/mail/luis%40lab.test/INBOX/214'))
})

test('a password is of words of the language that was chosen', async () => {
  const { user } = open('setup')
  await user.click(await screen.findByRole('radio', { name: /Español/ }))
  for (let screens = 0; screens < 3; screens++)
    await user.click(await screen.findByRole('button', { name: /^Continuar/ }))
  await screen.findByText('Dos personas que se escriben')
  for (const field of screen.getAllByLabelText<HTMLInputElement>('Contraseña')) {
    for (const word of field.value.split('-')) expect(words.es).toContain(word)
  }
})

test('Enter goes on, Alt and the arrow go back, and nothing typed is lost', async () => {
  const { user } = open('setup')
  await screen.findByText('Which language shall we speak?')
  await user.keyboard('{Enter}')
  await screen.findByText('What do you want it for?')
  await user.keyboard('{Enter}')
  const domain = await screen.findByLabelText<HTMLInputElement>('Domain')
  await user.clear(domain)
  await user.type(domain, 'taller.test')
  expect(screen.getByLabelText<HTMLInputElement>(/Host name/).value).toBe('mail.taller.test')
  await user.keyboard('{Alt>}{ArrowLeft}{/Alt}')
  await screen.findByText('What do you want it for?')
  await user.keyboard('{Enter}')
  expect((await screen.findByLabelText<HTMLInputElement>('Domain')).value).toBe('taller.test')
})

test('.local is refused with the reason, and goes no further', async () => {
  const { user } = open('setup')
  await user.click(await next())
  await user.click(await next())
  const domain = await screen.findByLabelText('Domain')
  await user.clear(domain)
  await user.type(domain, 'aula.local')
  expect(await screen.findByText(/mDNS uses it to find printers/)).toBeTruthy()
  await user.click(await next())
  expect(screen.queryByText('Two people who write to each other')).toBeNull()
})

test('run again it shows what exists and adds nobody', async () => {
  const { platform, user, called } = open('running')
  await screen.findByText('2525')
  location.hash = '#/wizard'
  await screen.findByText(/is set up already/)
  for (let screens = 0; screens < 3; screens++) await user.click(await next())
  expect(await screen.findAllByText('Exists already')).toHaveLength(3)
  await user.click(await next())
  await user.click(await screen.findByRole('button', { name: /Start and send a test/ }))
  await screen.findByText('It has arrived', {}, { timeout: 5000 })
  expect(called('setup.apply')[0]?.params).toMatchObject({ users: [], postmaster: null })
  expect(platform.engine.accounts).toHaveLength(4)
})

test('run again it starts from the way that is set, and back to one computer takes it away', async () => {
  const { platform, user, called } = open('edge')
  await screen.findByText('2525')
  platform.engine.status = { ...platform.engine.status, mode: 'classroom', role: 'edge', listen: '0.0.0.0' }
  platform.emit({ kind: 'status', status: platform.engine.status })
  await screen.findByText('Classroom')
  location.hash = '#/wizard'
  await screen.findByText(/is set up already/)
  await user.click(await next())
  expect(screen.getByRole<HTMLInputElement>('radio', { name: /A classroom network/ }).checked).toBe(true)
  await user.click(screen.getByRole('radio', { name: /To learn on this computer/ }))
  for (let screens = 0; screens < 3; screens++) await user.click(await next())
  await user.click(await screen.findByRole('button', { name: /Start and send a test/ }))
  await screen.findByText('It has arrived', {}, { timeout: 5000 })
  const setup = called('setup.apply')[0]?.params as Params<'setup.apply'>
  expect(setup).toMatchObject({
    mode: 'lab',
    listen: '127.0.0.1',
    flow: { role: 'standalone', relayhost: '', relayDomains: [] },
  })
})

test('a person’s user name follows the name until it is typed', () => {
  const person = new Person('Ana', 'x')
  person.rename('Ángela Ruiz')
  expect(person.user).toBe('angela')
  person.user = 'angie'
  person.rename('Berta')
  expect(person.user).toBe('angie')
})
test.each(['', '.ana', 'ana..b', 'ana.', 'a b', 'niño', '-ana', 'a'.repeat(65)])('%s is no user name', (user) => {
  const person = new Person('Ana', 'x')
  person.user = user
  expect(person.userError).toBeTruthy()
})
test('a short password is good enough on one computer and not on a network', () => {
  const person = new Person('Ana', '1234')
  expect(person.passwordError('lab')).toBeUndefined()
  expect(person.passwordError('internet')).toBeTruthy()
})
test('a password is four words that any keyboard types', () => {
  for (const locale of ['es', 'en'] as const) expect(newPassword(locale)).toMatch(/^[a-z]+(-[a-z]+){3}$/)
  let draw = 0
  expect(newPassword('es', (below) => draw++ % below)).toBe('abeja-abril-aceite-aguja')
})
