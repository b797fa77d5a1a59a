import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Params } from '$api'
import App from '$app/App.svelte'
import { Preferences } from '$app/preferences.svelte'
import { FakePlatform } from '../../testing/fakePlatform'
import { recipientOf } from './addresses'
import { Composition } from './composition.svelte'
import { fromLocal, presetsOf, toLocal } from './sendTimes'

beforeAll(() => import('./Mail.svelte'), 60_000)
beforeEach(() => localStorage.clear())
afterEach(cleanup)

const offered = (now: string) => presetsOf(new Date(now)).map(({ name, at }) => `${name} ${toLocal(at)}`)

test('what is offered are times to come, each once', () => {
  expect(offered('2026-11-24T10:47:31')).toEqual([
    'hour 2026-11-24T11:47',
    'evening 2026-11-24T20:00',
    'tomorrow 2026-11-25T08:00',
    'monday 2026-11-30T08:00',
  ])
  expect(offered('2026-11-24T19:10')).toEqual([
    'hour 2026-11-24T20:10',
    'tomorrow 2026-11-25T08:00',
    'monday 2026-11-30T08:00',
  ])
  // On a Sunday tomorrow is Monday; on a Monday it is the next one; after midnight, tomorrow is after the night.
  expect(offered('2026-11-29T21:00')).toEqual(['hour 2026-11-29T22:00', 'tomorrow 2026-11-30T08:00'])
  expect(offered('2026-11-30T21:00').at(-1)).toBe('monday 2026-12-07T08:00')
  expect(offered('2026-12-31T23:30')[1]).toBe('tomorrow 2027-01-01T08:00')
})

test('a time that is typed is one of this computer', () => {
  const at = fromLocal('2026-11-30T08:00')
  expect(at && [at.getDate(), at.getHours(), toLocal(at)]).toEqual([30, 8, '2026-11-30T08:00'])
  for (const text of ['', '2026-11-30', 'monday', '2026-13-30T08:00']) expect(fromLocal(text)).toBeUndefined()
})

test('a time that is refused stays chosen, so that nothing goes out at once instead', async () => {
  const platform = new FakePlatform('running', 0)
  const composition = new Composition(platform)
  await composition.begin('luis@lab.test', { kind: 'new' })
  composition.to = [recipientOf('ana@lab.test')]
  composition.sendAt = new Date(Date.now() - 1000)
  expect(await composition.send(false)).toBeUndefined()
  expect(composition.error?.code).toBe('mail.later_past')
  composition.sendAt = new Date(Date.now() + 200 * 86_400_000)
  expect(await composition.send(true)).toBeUndefined()
  expect(composition.error?.code).toBe('mail.later_too_far')
  composition.sendAt = new Date(Date.now() + 60_000)
  expect((await composition.send(true))?.sendAt).toBe(composition.sendAt.toISOString())
})

/** A letter to Ana, begun in the window. */
async function write() {
  location.hash = '#/mail'
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform('running', 0)
  render(App, { platform, preferences })
  const user = userEvent.setup()
  await user.click(await screen.findByRole('button', { name: /Compose/ }))
  await user.type(await screen.findByRole('combobox', { name: 'To' }), 'ana@lab.test,')
  await user.type(screen.getByLabelText('Subject'), 'Acta')
  const asked = () =>
    platform.calls.filter(({ method }) => method === 'mail.send').map(({ params }) => params as Params<'mail.send'>)
  const waiting = () => platform.engine.queue.messages.filter(({ subject }) => subject === 'Acta')
  return { user, asked, waiting }
}

test('a letter for tomorrow waits in the queue, and can be taken back as it was written', async () => {
  const { user, asked, waiting } = await write()
  await user.click(screen.getByRole('button', { name: 'Send later…' }))
  await user.click(screen.getByRole('menuitem', { name: /Tomorrow morning/, hidden: true }))
  await screen.findByText(/It will go out on .*, 8:00/)
  expect(new Date(asked()[0]?.sendAt ?? '').getHours()).toBe(8)
  expect(waiting().map(({ recipients }) => recipients[0]?.state)).toEqual(['later'])
  expect(screen.getByRole('link', { name: /See it in the queue/ }).getAttribute('href')).toContain('#/queue/')
  await user.click(screen.getByRole('button', { name: /Take it back/ }))
  await waitFor(() => expect(waiting()).toEqual([]))
  expect(((await screen.findByLabelText('Subject')) as HTMLInputElement).value).toBe('Acta')
  // Sent now, it goes at once.
  await user.click(screen.getByRole('button', { name: /^Send(?! later)/ }))
  await waitFor(() => expect(asked()).toHaveLength(2))
  expect(asked()[1]?.sendAt).toBeUndefined()
})

test('a date and time can be typed, with the keyboard alone, and one that has passed is not taken', async () => {
  const { user, asked } = await write()
  await user.keyboard('{Control>}{Shift>}{Enter}{/Shift}{/Control}')
  const field = await screen.findByLabelText('Date and time')
  const press = async () => {
    screen.getByRole('button', { name: 'Send later', hidden: true }).focus()
    await user.keyboard('{Enter}')
  }
  await fireEvent.input(field, { target: { value: '2001-01-01T08:00' } })
  expect(await screen.findByText(/That time has passed/)).toBeTruthy()
  await press()
  expect(asked()).toEqual([])
  const later = new Date(Date.now() + 3 * 86_400_000)
  await fireEvent.input(field, { target: { value: toLocal(later) } })
  await press()
  await waitFor(() => expect(asked()).toHaveLength(1))
  expect(toLocal(new Date(asked()[0]?.sendAt ?? ''))).toBe(toLocal(later))
})
