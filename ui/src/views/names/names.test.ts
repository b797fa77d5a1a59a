import { render, screen, waitFor, within } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import App from '$app/App.svelte'
import { Preferences } from '$app/preferences.svelte'
import { FakePlatform } from '../../testing/fakePlatform'

/** The view is loaded when it is first shown, which may take its time. */
const patient = { timeout: 4000 }

async function open(hash = '#/names/lab.test') {
  location.hash = hash
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform('running', 0)
  render(App, { platform, preferences })
  await screen.findByText('Edit as text…', undefined, patient)
  const sent = (method: string) => platform.calls.filter((call) => call.method === method).map(({ params }) => params)
  const zone = (origin: string) => platform.engine.flow.zones.get(origin)
  return { platform, sent, zone, user: userEvent.setup() }
}

test('a record is added, removed, and comes back', async () => {
  const { sent, zone, user } = await open()
  const form = within(await screen.findByRole('form', { name: 'Add a record' }))
  await user.click(form.getByRole('button', { name: 'Add' }))
  expect(form.getByRole('alert').textContent).toContain('A name, a type and a value.')
  expect(sent('zone.add')).toEqual([])
  await user.type(form.getByLabelText('Name'), 'www')
  await user.type(form.getByLabelText('Value'), '127.0.0.9')
  await user.type(form.getByLabelText(/^TTL/), '60{Enter}')
  const record = { name: 'www', kind: 'A', value: '127.0.0.9', ttl: 60 }
  await waitFor(() => expect(sent('zone.add')).toEqual([{ origin: 'lab.test', record }]))
  await user.click(await screen.findByRole('button', { name: 'Remove www A' }))
  expect(await screen.findByText('The record www A is removed.')).toBeTruthy()
  expect(zone('lab.test')).not.toContain('127.0.0.9')
  await user.click(screen.getByRole('button', { name: /Undo/ }))
  await waitFor(() => expect(zone('lab.test')).toContain('www 60 IN A 127.0.0.9'))
})

test('a zone file is saved as it is', async () => {
  const { platform, zone, user } = await open()
  await user.click(screen.getByRole('button', { name: 'Export' }))
  await waitFor(() => expect(platform.saved.map(({ name }) => name)).toEqual(['lab.test.zone']))
  expect(new TextDecoder().decode(platform.saved[0]!.bytes)).toBe(zone('lab.test'))
})

test('a zone is made from a file, which names it', async () => {
  const { zone, user } = await open()
  await user.click(screen.getByRole('button', { name: 'New zone…' }))
  const dialog = await screen.findByRole('dialog')
  const text = '$ORIGIN inner.test.\n@ IN SOA ns hostmaster 7 3600 600 86400 60\n@ IN MX 10 mail.inner.test.\n'
  await user.upload(dialog.querySelector<HTMLInputElement>('input[type=file]')!, new File([text], 'inner.zone'))
  await waitFor(() => expect(within(dialog).getByLabelText<HTMLInputElement>('Origin').value).toBe('inner.test'))
  await user.click(within(dialog).getByRole('button', { name: 'Save the zone' }))
  expect(await screen.findByText('The zone inner.test is saved.')).toBeTruthy()
  expect(zone('inner.test')).toBe(text)
  expect(location.hash).toBe('#/names/inner.test')
})

test('deleting a zone wants its name', async () => {
  const { sent, zone, user } = await open()
  await user.click(screen.getByRole('button', { name: 'Delete…' }))
  const dialog = within(await screen.findByRole('alertdialog'))
  const action = dialog.getByRole('button', { name: 'Delete the zone' })
  await user.click(action)
  expect(sent('zone.delete')).toEqual([])
  await user.type(dialog.getByRole('textbox'), 'lab.test')
  await user.click(action)
  await waitFor(() => expect(sent('zone.delete')).toEqual([{ origin: 'lab.test' }]))
  expect(zone('lab.test')).toBeUndefined()
})
