import { cleanup, screen, waitFor, within } from '@testing-library/svelte'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FlowDraft } from './flow.svelte'
import { open, start } from '../../testing/openWizard'

beforeEach(() => {
  localStorage.clear()
  location.hash = ''
})
afterEach(cleanup)

async function toFlow(role: RegExp) {
  const wizard = open('setup')
  await wizard.choose(/A classroom network/)
  await wizard.user.click(await screen.findByRole('radio', { name: role }))
  await wizard.go(2)
  return wizard
}

test('an edge: domains with their servers, and only those who exist', async () => {
  const { user, applied, fill, go } = await toFlow(/It is the edge/)
  await screen.findByText('Whom do you receive for?')
  await fill(/^Domain/, 'ana.instituto.test')
  await fill(/^Its server/, '[10.0.0.3]:2525')
  await user.click(screen.getByRole('button', { name: 'Another domain' }))
  const domains = screen.getAllByLabelText(/^Domain/)
  await user.type(domains[1]!, 'luis.instituto.test')
  await user.click(screen.getByRole('radio', { name: 'Only these' }))
  await fill('Addresses that exist', '@ana.instituto.test, luis@luis.instituto.test')
  await go(3)
  await screen.findByText('This is what will be set')
  const value = async (name: string) => (await screen.findByText(name)).closest('tr')!
  expect(within(await value('relay_domains')).getByText('ana.instituto.test, luis.instituto.test')).toBeTruthy()
  expect(within(await value('transport_maps')).getByText('ana.instituto.test=smtp:[10.0.0.3]:2525')).toBeTruthy()
  await user.click(await start())
  await screen.findByText('It has arrived', {}, { timeout: 5000 })
  expect(applied().flow).toMatchObject({
    role: 'edge',
    relayhost: '',
    relayDomains: [
      { domain: 'ana.instituto.test', nextHop: '[10.0.0.3]:2525' },
      { domain: 'luis.instituto.test', nextHop: '' },
    ],
    relayRecipients: ['@ana.instituto.test', 'luis@luis.instituto.test'],
  })
})

test('an edge needs a domain, which is not its own', async () => {
  const { fill, go } = await toFlow(/It is the edge/)
  await go()
  expect(await screen.findByText(/needs at least one domain/)).toBeTruthy()
  await fill(/^Domain/, 'lab.test')
  expect(await screen.findByText(/is delivered here/)).toBeTruthy()
  await go()
  expect(screen.queryByText('Two people who write to each other')).toBeNull()
})

test('with a relay host each domain behind needs its server, for its MX is not looked at', async () => {
  const { user, fill } = await toFlow(/It is the edge/)
  await fill(/^Domain/, 'ana.instituto.test')
  await user.click(screen.getByRole('radio', { name: 'Through a relay host' }))
  await fill(/^Relay host/, '[smtp.isp.test]')
  expect(await screen.findByText(/is not looked at/)).toBeTruthy()
  await fill(/^Its server/, '[10.0.0.3]')
  await waitFor(() => expect(screen.queryByText(/is not looked at/)).toBeNull())
})

test('an inner server sends by the edge, is warned when nobody can call it, and learns its MX', async () => {
  const { user, applied, fill, go } = await toFlow(/It receives behind another/)
  await screen.findByText('Who stands in front of you?')
  await fill(/^Edge server/, '[192.168.1.2]')
  await user.selectOptions(screen.getByLabelText(/^Listens on/), '127.0.0.1')
  expect(await screen.findByText(/nobody can call from outside/)).toBeTruthy()
  await user.selectOptions(screen.getByLabelText(/^Listens on/), '192.168.1.37')
  expect(screen.queryByText(/nobody can call from outside/)).toBeNull()
  await go(3)
  await user.click(await start())
  await screen.findByText('It has arrived', {}, { timeout: 5000 })
  expect(applied()).toMatchObject({ listen: '192.168.1.37', flow: { role: 'inner', relayhost: '[192.168.1.2]' } })
  await go()
  await user.click(await screen.findByRole('button', { name: 'Not now' }))
  await screen.findByText('For the edge to find you')
  expect(await screen.findByDisplayValue('192.168.1.37')).toBeTruthy()
  expect(await screen.findByText('MX')).toBeTruthy()
  expect(screen.queryByText(/v=spf1/)).toBeNull()
})

test('who exists behind an edge is listed, asked or not known, and one excludes the others', () => {
  const flow = new FlowDraft()
  flow.role = 'edge'
  flow.relayed[0]!.domain = 'ana.instituto.test'
  flow.recipients = 'ana@ana.instituto.test'
  const told = (known: FlowDraft['known']) => {
    flow.known = known
    const { relayRecipients, callAhead } = flow.toFlow('classroom', undefined)!
    return [relayRecipients.length, callAhead]
  }
  expect([told('anybody'), told('list'), told('ask')]).toEqual([
    [0, false],
    [1, false],
    [0, true],
  ])
})
