import { render, screen, waitFor, within } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import App from '$app/App.svelte'
import { Preferences } from '$app/preferences.svelte'
import type { Scene } from '../../../testing/fakeEngine'
import { FakePlatform } from '../../../testing/fakePlatform'

/** The view is loaded when it is first shown, which may take its time. */
const patient = { timeout: 4000 }

function open(hash: string, scene: Scene = 'running') {
  location.hash = hash
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform(scene, 0)
  render(App, { platform, preferences })
  const sent = (method: string) => platform.calls.filter((call) => call.method === method).map(({ params }) => params)
  return { platform, sent, user: userEvent.setup() }
}

test('the test of a relay host shows what was said, and sends nothing', async () => {
  const { sent, user } = open('#/flow/internet', 'edge')
  await user.click(await screen.findByText('Test', undefined, patient))
  expect(await screen.findByText('It works: mail can be handed in there.')).toBeTruthy()
  expect(sent('relay.test')).toEqual([{ relayhost: '[smtp.instituto.test]:587', user: 'lab', password: null }])
  expect(screen.getByRole('link', { name: 'See the whole session' }).getAttribute('href')).toMatch(/^#\/sessions\/\d+$/)
  // Another host has not been tested by that.
  await user.type(screen.getByLabelText('Relay host'), 'x')
  expect(screen.queryByText('It works: mail can be handed in there.')).toBeNull()
})

test('an alias is made, changed and taken back', async () => {
  const { platform, user } = open('#/flow/aliases')
  const targets = (name: string) => platform.engine.flow.aliases.find((one) => one.name === name)?.targets
  await user.click(await screen.findByText('New alias', undefined, patient))
  const dialog = within(await screen.findByRole('dialog'))
  const [name, to] = dialog.getAllByRole<HTMLInputElement>('textbox')
  await user.type(name!, 'soporte')
  await user.type(to!, 'ana\nluis@far.test')
  await user.keyboard('{Tab}')
  await user.click(dialog.getByRole('button', { name: /Save/ }))
  await waitFor(() => expect(targets('soporte')).toEqual(['ana', 'luis@far.test']))
  await user.click(await screen.findByRole('button', { name: 'Remove soporte' }))
  await waitFor(() => expect(targets('soporte')).toBeUndefined())
  await user.click((await screen.findAllByRole('button', { name: /Undo/ })).at(-1)!)
  await waitFor(() => expect(targets('soporte')).toEqual(['ana', 'luis@far.test']))
})

test('a forward keeps a copy or not, as it was asked', async () => {
  const { sent, user } = open('#/flow/aliases')
  await screen.findByText('New alias', undefined, patient)
  await user.click(await screen.findByRole('button', { name: 'Change luis@lab.test' }))
  const dialog = within(await screen.findByRole('dialog'))
  const to = dialog.getAllByRole('textbox').at(-1)!
  await user.type(to, 'l@far.test')
  const copy = dialog.getByRole<HTMLInputElement>('checkbox')
  if (copy.checked) await user.click(copy)
  await user.click(dialog.getByRole('button', { name: /Save/ }))
  const forward = { account: 'luis@lab.test', targets: ['l@far.test'], keepCopy: false }
  await waitFor(() => expect(sent('forward.set')).toEqual([forward]))
})

test('aliases of a file are taken, and those that cannot be are told with the reason', async () => {
  const { user } = open('#/flow/aliases')
  await user.click(await screen.findByText('Import…', undefined, patient))
  const dialog = within(await screen.findByRole('dialog'))
  await user.click(dialog.getByRole('textbox'))
  await user.paste('# a comment\nsoporte: ana\nvacaciones: |/usr/bin/vacation\n')
  await user.click(dialog.getByRole('button', { name: /^Import|Take/ }))
  expect(await dialog.findByText('soporte')).toBeTruthy()
  expect(dialog.getByText(/vacaciones: .*names and addresses only/)).toBeTruthy()
})
