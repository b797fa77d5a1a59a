import { cleanup, render, screen, waitFor } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import App from '$app/App.svelte'
import { Preferences } from '$app/preferences.svelte'
import { formatDay } from '$lib/format'
import { FakePlatform } from '../../testing/fakePlatform'
import { QueueFeed } from './feed.svelte'
import { countdown, replyCode, shortWhy } from './words'

beforeAll(() => import('./Queue.svelte'), 60_000)
beforeEach(() => localStorage.clear())
afterEach(cleanup)

test('a countdown is exact within the hour, and coarse after it', () => {
  const at = (seconds: number) => ({ state: 'deferred' as const, nextTry: seconds * 1e6, why: null })
  expect(countdown(at(252), 0)).toBe('in 4:12')
  expect(countdown(at(3960), 0)).toBe('in 1\u00a0h 6\u00a0min')
  expect(countdown(at(0), 1)).toBe('now')
})

test('the code of a reply is told from the words of the system', () => {
  expect(replyCode({ text: '450 4.7.1 Greylisted' })).toBe('450 4.7.1')
  expect(replyCode({ text: '421 closing' })).toBe('421')
  expect(replyCode({ text: 'connect: Connection refused' })).toBe('')
})

test('a long queue comes in pages, and an event brings only what is in view', async () => {
  const platform = new FakePlatform('running', 0)
  platform.engine.queue.messages = Array.from({ length: 500 }, (_, place) => ({
    ...platform.engine.queue.messages[1]!,
    queueId: `q${String(place).padStart(3, '0')}`,
  }))
  const feed = new QueueFeed(platform)
  await feed.load({ state: undefined, text: undefined })
  await feed.loadMore()
  expect(feed.rows).toHaveLength(400)
  const before = platform.calls.length
  await feed.refresh(210, 230)
  expect(platform.calls.slice(before).map(({ params }) => params)).toEqual([{ after: '200', limit: 200 }])
})

test('the key H holds the selected message, and that can be undone', async () => {
  location.hash = '#/queue/4gFpT71mQz'
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform('running', 0)
  render(App, { platform, preferences })
  const user = userEvent.setup()
  await screen.findByText(/does not know this one yet/)
  await user.keyboard('h')
  const state = () => platform.engine.queue.messages.find((one) => one.queueId === '4gFpT71mQz')?.recipients[0]?.state
  await waitFor(() => expect(state()).toBe('held'))
  await user.click(await screen.findByRole('button', { name: /Undo/ }))
  await waitFor(() => expect(state()).toBe('deferred'))
})

test('an address is taken off the list and put on it again', async () => {
  location.hash = '#/queue?suppressed'
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform('running', 0)
  render(App, { platform, preferences })
  const user = userEvent.setup()
  const listed = () => platform.engine.suppression.entries.map(({ address }) => address)
  await screen.findByText('martha@gran-correo.test')
  await user.click(screen.getAllByRole('button', { name: 'Send again' })[0]!)
  await waitFor(() => expect(listed()).not.toContain('martha@gran-correo.test'))
  await user.click(screen.getByRole('button', { name: /Add an address/ }))
  await user.type(await screen.findByLabelText('Address'), 'no address')
  await user.click(screen.getByRole('button', { name: 'Add' }))
  expect(listed()).not.toContain('no address')
  await user.clear(screen.getByLabelText('Address'))
  await user.type(screen.getByLabelText('Address'), 'eva@far.test')
  await user.click(screen.getByRole('button', { name: 'Add' }))
  await waitFor(() => expect(listed()).toContain('eva@far.test'))
})

test('what its sender wants sent later says when, stays when all are tried, and goes when somebody says so', async () => {
  location.hash = '#/queue/4gFpW93kTb'
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform('running', 0)
  render(App, { platform, preferences })
  const user = userEvent.setup()
  await screen.findByText(/Its sender chose when it goes out: Monday,? 30 November 2026, 8:00/)
  const row = { state: 'later' as const, nextTry: Date.parse('2026-11-30T08:00:00') * 1000, why: null }
  expect(shortWhy(row)).toBe(`To be sent on Monday ${formatDay(row.nextTry)}, 8:00`)
  expect(countdown(row, row.nextTry - 90e6)).toBe('in 1:30')
  const state = () => platform.engine.queue.messages.find((one) => one.queueId === '4gFpW93kTb')?.recipients[0]?.state
  await user.click(screen.getByRole('button', { name: 'Try all now' }))
  await waitFor(() => expect(platform.calls.some(({ method }) => method === 'queue.act')).toBe(true))
  expect(state()).toBe('later')
  await user.click(screen.getByRole('button', { name: 'Send now' }))
  await waitFor(() => expect(state()).toBe('active'))
})
