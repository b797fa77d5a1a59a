import { expect, test } from 'vitest'
import type { Session, SessionQuery } from '$api'
import { FakePlatform } from '../../testing/fakePlatform'
import { sessions } from '../../testing/data/sessions'
import { SessionFeed } from './feed.svelte'
import { matches, merge } from './merge'
import { didWords, headline } from './words'

const all: SessionQuery = { services: [], refused: false, text: null, before: null, limit: 200 }
const made = (id: number, more: Partial<Session> = {}): Session => ({ ...sessions[0]!, id, ...more })
const ids = (list: readonly Session[]) => list.map(({ id }) => id)

test('what came last replaces what was known, and new ones come first', () => {
  const known = [made(5), made(3)]
  const merged = merge(known, [made(3, { result: 'lost' }), made(7), made(4)])
  expect(ids(merged)).toEqual([7, 5, 4, 3])
  expect(merged.at(-1)?.result).toBe('lost')
  expect(merge(known, [made(5)]).map(({ id }) => id)).toEqual([5, 3])
})

test('live sessions are judged as the engine judges pages', () => {
  const relay = sessions.find(({ id }) => id === 45)!
  expect(matches({ ...all, services: ['imap', 'imaps'] }, relay)).toBe(false)
  expect(matches({ ...all, refused: true }, relay)).toBe(true)
  expect(
    matches(
      { ...all, refused: true },
      sessions.find(({ id }) => id === 48)!,
    ),
  ).toBe(false)
  expect(matches({ ...all, text: 'VICTIMA' }, relay)).toBe(true)
  expect(
    matches(
      { ...all, text: '4gfq2' },
      sessions.find(({ id }) => id === 48)!,
    ),
  ).toBe(true)
  expect(matches({ ...all, text: 'nobody' }, relay)).toBe(false)
})

test('the feed counts what is new and lets strangers to the filter by', async () => {
  const feed = new SessionFeed(new FakePlatform('running', 0))
  await feed.load({ services: ['imaps'], refused: false, text: null })
  const before = ids(feed.sessions)
  expect(before).toEqual([54, 53, 51])
  expect(feed.take([made(60), made(61, { service: 'smtp' }), made(54, { result: 'done' })])).toBe(1)
  expect(ids(feed.sessions)).toEqual([60, ...before])
  expect(feed.sessions[1]?.result).toBe('done')
})

test('a late answer to an old question is dropped', async () => {
  const feed = new SessionFeed(new FakePlatform('running', 5))
  await Promise.all([
    feed.load({ services: ['smtp'], refused: false, text: null }),
    feed.load({ services: ['imaps'], refused: false, text: null }),
  ])
  expect(ids(feed.sessions)).toEqual([54, 53, 51])
})

test('every session has a sentence and a headline', () => {
  for (const session of sessions) {
    expect(didWords(session)).toBeTruthy()
    expect(headline(session)).toBeTruthy()
  }
  expect(didWords(sessions.find(({ id }) => id === 45)!)).toContain('victima@gran-correo.test')
})
