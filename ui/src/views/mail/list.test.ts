import { expect, test } from 'vitest'
import type { MessageRow } from '$api'
import { overwriteGetLocale } from '$lib/paraglide/runtime'
import { FakePlatform } from '../../testing/fakePlatform'
import { groupByDay } from './days'
import { MessageList } from './messageList.svelte'
import { moveBack } from './moveBack'

const at = (text: string) => Date.parse(text) * 1000
const row = (uid: number, date: string) => ({ uid, date: at(date) }) as MessageRow
const archive = { account: 'luis@lab.test', folder: 'Archive', text: null, unseen: false, flagged: false }

test('each first message of a day has the name of the day', () => {
  overwriteGetLocale(() => 'en')
  const rows = [
    row(9, '2026-11-25T09:00:00'),
    row(8, '2026-11-24T10:00:00'),
    row(7, '2026-11-24T00:00:00'),
    row(6, '2026-11-23T23:59:00'),
    row(5, '2026-11-18T12:00:00'),
    row(4, '2026-11-17T12:00:00'),
    row(3, '2025-11-24T12:00:00'),
  ]
  expect(groupByDay(rows, at('2026-11-24T10:47:00')).map(({ label }) => label)).toEqual([
    '25 Nov',
    'Today',
    undefined,
    'Yesterday',
    'Wednesday',
    '17 Nov',
    '24 Nov 2025',
  ])
})

test('yesterday is yesterday when the clocks change', () => {
  overwriteGetLocale(() => 'es')
  const [first] = groupByDay([row(1, '2026-10-24T12:00:00')], at('2026-10-25T12:00:00'))
  expect(first?.label).toBe('Ayer')
})

test('a folder of 5,000 messages is loaded page by page, none twice and none missed', async () => {
  const platform = new FakePlatform('running', 0)
  const list = new MessageList(platform)
  await list.show(archive)
  expect([list.rows.length, list.total]).toEqual([100, 5000])
  while (list.rows.length < 1200) await list.more()
  const uids = new Set(list.rows.map(({ uid }) => uid))
  expect(uids.size).toBe(1200)
  await list.refresh()
  expect(list.rows.map(({ uid }) => uid)).toEqual([...uids])
  const limits = platform.calls.map(({ params }) => (params as { limit: number }).limit)
  expect(Math.max(...limits)).toBeLessThanOrEqual(500)
})

test('mail that comes in while pages are read does not double a message', async () => {
  const platform = new FakePlatform('running', 0)
  const list = new MessageList(platform)
  await list.show(archive)
  await platform.call('mail.move', {
    messages: { account: 'luis@lab.test', folder: 'INBOX', uids: [214] },
    to: 'Archive',
  })
  await list.more()
  expect(new Set(list.rows.map(({ uid }) => uid)).size).toBe(list.rows.length)
})

test('a late answer to an old question is dropped', async () => {
  const list = new MessageList(new FakePlatform('running', 0))
  const old = list.show(archive)
  await Promise.all([old, list.show({ ...archive, folder: 'INBOX' })])
  expect(list.total).toBe(9)
})

test('a failure leaves the rows and says what it was', async () => {
  const list = new MessageList(new FakePlatform('running', 0))
  await list.show({ ...archive, folder: 'INBOX' })
  await list.show({ ...archive, folder: 'nowhere' })
  expect(list.error?.code).toBe('mail.folder_unknown')
})

test('moved messages come back, and those that are gone are not counted', async () => {
  const platform = new FakePlatform('running', 0)
  const list = new MessageList(platform)
  const inbox = { ...archive, folder: 'INBOX' }
  await list.show(inbox)
  const rows = list.rows.slice(0, 2)
  const messages = { account: 'luis@lab.test', folder: 'INBOX', uids: rows.map(({ uid }) => uid) }
  const { uids } = await platform.call('mail.move', { messages, to: 'Archive' })
  const way = { account: 'luis@lab.test', from: 'Archive', to: 'INBOX' }
  expect(await moveBack(platform, [...uids, 99_999], way)).toBe(2)
  await list.show(inbox)
  expect(list.total).toBe(9)
  expect(
    list.rows
      .slice(0, 2)
      .map(({ subject }) => subject)
      .sort(),
  ).toEqual(rows.map(({ subject }) => subject).sort())
})
