import { cleanup, screen } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { open, start } from '../../testing/openWizard'

beforeEach(() => {
  localStorage.clear()
  location.hash = ''
})
afterEach(cleanup)

async function toFlow(scene: 'setup' | 'running' = 'setup') {
  const wizard = open(scene)
  await wizard.choose(/A real domain/)
  await screen.findByText('What is your server called?')
  await wizard.fill('Domain', 'gonzalo.org')
  await wizard.go()
  await screen.findByText('How does your mail leave?')
  return wizard
}

test('a real domain sends directly, and gets its records', async () => {
  const { user, applied, fill, go } = await toFlow()
  await fill(/^Is 25 open/, 'abierto.test')
  await user.click(screen.getByRole('button', { name: 'Check' }))
  expect(await screen.findByText('Open')).toBeTruthy()
  await go(3)
  await user.click(await start())
  await screen.findByText('It has arrived', {}, { timeout: 5000 })
  expect(applied()).toMatchObject({
    mode: 'internet',
    domain: 'gonzalo.org',
    listen: '0.0.0.0',
    flow: { role: 'standalone', relayhost: '', relayUser: '' },
  })
  await go()
  await user.click(await screen.findByRole('button', { name: 'Not now' }))
  await screen.findByText('To be found, and to be believed')
  // The only address known is one of a private network, which nobody outside could use.
  await fill('The address of this server', '5.196.224.198')
  for (const value of ['MX', '5.196.224.198', 'v=spf1 mx -all', 'v=spf1 a -all'])
    expect((await screen.findAllByText(value)).length).toBeGreaterThan(0)
  await fill('The address of this server', 'mi servidor')
  expect(await screen.findByText(/is not an IP address/)).toBeTruthy()
})

test('where port 25 is shut a relay host is offered', async () => {
  const { user, applied, fill, go } = await toFlow()
  await fill(/^Is 25 open/, 'cerrado.test')
  await user.click(screen.getByRole('button', { name: 'Check' }))
  expect(await screen.findByText('Closed')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: 'Use a relay host' }))
  await fill(/^Relay host/, '[smtp.proveedor.test]:587')
  await user.click(screen.getByRole('checkbox', { name: /user name and password/ }))
  await fill('User name there', 'gonzalo')
  await go()
  expect(await screen.findByText(/needs their password/)).toBeTruthy()
  await fill('Password there', 'secreto')
  await go(3)
  await screen.findByText('This is what will be set')
  expect(screen.queryByText('secreto')).toBeNull()
  await user.click(await start())
  await screen.findByText('It has arrived', {}, { timeout: 5000 })
  expect(applied().flow).toMatchObject({
    relayhost: '[smtp.proveedor.test]:587',
    relayUser: 'gonzalo',
    relayPassword: 'secreto',
    outboundTls: 'encrypt',
  })
})

test('where nothing can be asked it is not said to be closed', async () => {
  const { user } = await toFlow()
  await user.click(screen.getByRole('button', { name: 'Check' }))
  expect(await screen.findByText('Could not check')).toBeTruthy()
  expect(screen.getByText(/neither open nor closed/)).toBeTruthy()
  expect(screen.queryByText('Closed')).toBeNull()
})
