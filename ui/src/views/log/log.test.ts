import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { LogLine } from '$api'
import { overwriteGetLocale } from '$lib/paraglide/runtime'
import { busyLine, logLines } from '../../testing/data/log'
import { FakePlatform } from '../../testing/fakePlatform'
import { dayLabels } from './days'
import { forms, linePieces, lineSentence } from './explain'
import { LogFeed } from './feed.svelte'
import { matches, toFilter, type Wish } from './filter'
import { parts, postfixCommand, wholeLine } from './lines'

const made = (text: string, more: Partial<LogLine> = {}): LogLine => ({
  id: 1,
  at: 0,
  level: 'info',
  service: 'smtpd',
  pid: 48,
  queueId: null,
  session: 48,
  text,
  ...more,
})
afterEach(() => overwriteGetLocale(() => 'en'))

/** One of each form that the server makes, in the order of its source. */
const lines: [string, string | null][] = [
  ['connect from localhost[127.0.0.1]', null],
  ['disconnect from unknown[127.0.0.66] ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4', null],
  ['Anonymous TLS connection established from a[127.0.0.1]: TLSv1.3 with cipher TLS13_AES_256_GCM_SHA384', null],
  ['warning: TLS handshake failed from a[127.0.0.1]: received fatal alert: UnknownCA', null],
  ['Login: user=<luis@lab.test>, method=SCRAM-SHA-256, rip=127.0.0.1, TLS', null],
  ['warning: a[::1]: SASL PLAIN authentication failed: wrong name or password, sasl_username=ana', null],
  [
    'NOQUEUE: reject: RCPT from unknown[127.0.0.66]: 554 5.7.1 <v@gran-correo.test>: Relay access denied; from=<rey@x.test> to=<v@gran-correo.test> proto=ESMTP helo=<lab.test>',
    null,
  ],
  [
    'NOQUEUE: reject_warning: RCPT from unknown[127.0.0.66]: 504 5.5.2 <pc>: Helo command rejected: need fully-qualified hostname; from=<rey@x.test> to=<luis@lab.test> proto=ESMTP helo=<pc>',
    null,
  ],
  ['client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=ana@lab.test', '4gFq2R0zXJ'],
  ['message-id=<5b1c.31@lab.test>', '4gFq2R0zXJ'],
  ['from=<ana@lab.test>, size=87204, nrcpt=1 (queue active)', '4gFq2R0zXJ'],
  [
    'to=<luis@lab.test>, relay=virtual, delay=0.05, delays=0.04/0/0/0.01, dsn=2.0.0, status=sent (delivered to maildir)',
    '4gFq2R0zXJ',
  ],
  ['to=<luis@lab.test>, relay=virtual, delay=0, delays=0/0/0/0, dsn=5.2.2, status=bounced (5.2.2 full)', '4gFq2R0zXJ'],
  [
    'to=<marta@gran-correo.test>, orig_to=<todos@lab.test>, relay=mx1.gran-correo.test[127.0.0.20]:25, delay=1.62, delays=0.1/0.02/0.3/1.2, dsn=4.7.1, status=deferred (host mx1.gran-correo.test[127.0.0.20] said: 450 4.7.1 Greylisted (in reply to RCPT TO command))',
    '4gFq2R0zXJ',
  ],
  ['sender non-delivery notification: 4gFq2R0zXK', '4gFq2R0zXJ'],
  ['from=<ana@lab.test>, status=expired, returned to sender', '4gFq2R0zXJ'],
  ['placed on hold', '4gFq2R0zXJ'],
  ['released from hold', '4gFq2R0zXJ'],
  ['requeued', '4gFq2R0zXJ'],
  ['removed', '4gFq2R0zXJ'],
  ['daemon started -- version 0.1.0', null],
  ['terminating', null],
  ['reload configuration', null],
  ['submission listening on 127.0.0.1:2587', null],
  ['error: smtp cannot listen on 127.0.0.1:25: Permission denied (os error 13)', null],
  ['warning: 12 messages taken from the journal after a crash', null],
  ['account ana@lab.test: added', null],
  ['warning: 7 entries left out here: too many at once', null],
  ['error: the log file cannot be written', null],
  ['client=local user luis (uid 1000)', '4gFq2R0zXJ'],
]
const whole = ([text, queueId]: [string, string | null]) => made(queueId ? `${queueId}: ${text}` : text, { queueId })

describe('every form of line', () => {
  test('there is a sentence for each, and no form is left over', () => {
    const used = lines.map(([text]) => forms.findIndex(({ pattern }) => pattern.test(text)))
    expect(used).not.toContain(-1)
    expect(new Set(used).size).toBe(forms.length)
  })
  test('the server makes no other', () => {
    const source = readFileSync(join(process.cwd(), '../server/trace/src/postfix.rs'), 'utf8')
    const body = source.slice(source.indexOf('fn say('), source.indexOf('fn say_queued'))
    expect([...body.matchAll(/Event::(\w+)/g)].length, 'a new event needs a line above').toBe(25)
  })
  test.each(lines)('%s', (text, queueId) => {
    const line = whole([text, queueId])
    expect(lineSentence(line)).toBeTruthy()
    const { pieces, values } = parts(line)
    expect(pieces.map((piece) => piece.text).join('')).toBe(line.text)
    const told = linePieces(line).map(({ piece }) => piece)
    for (const name of values.keys())
      expect(
        told.some((piece) => piece.startsWith(`${name}=`)),
        name,
      ).toBe(true)
  })
})

test('the pieces of a delivery, in Spanish', () => {
  overwriteGetLocale(() => 'es')
  const told = linePieces(whole(lines[11]!))
  expect(told.map(({ piece }) => piece)).toEqual([
    'smtpd[48]',
    '4gFq2R0zXJ',
    'to=',
    'relay=virtual',
    'delay=0.05',
    'delays=',
    'dsn=2.0.0',
    'status=sent',
  ])
  expect(told[5]?.words).toBe('recibir 0,04 · cola 0 · conectar 0 · entregar 0,01')
})

test('a stranger’s words stay words', () => {
  const line = made('connect from [x](#/settings)`**a**[127.0.0.1]')
  expect(lineSentence(line)).not.toMatch(/`\*\*|(^|[^`])\[x\]\(/)
  const command = postfixCommand(made("x'; rm -rf ~; '"))
  expect(command).toBe(String.raw`journalctl -u 'postfix*' | grep -F 'x'\''; rm -rf ~; '\'''`)
  expect(postfixCommand(whole(lines[8]!))).toBe(`journalctl -u 'postfix*' | grep -F 4gFq2R0zXJ`)
  expect(postfixCommand(made('Login: user=<a>, rip=127.0.0.1', { service: 'imap' }))).toContain('dovecot')
})

test('a user of the system is named whole', () => {
  const who = 'local user luis (uid 1000)'
  for (const text of [
    `connect from ${who}`,
    `disconnect from ${who} ehlo=1 quit=1 commands=2`,
    `client=${who}`,
    `NOQUEUE: reject: CONNECT from ${who}: 554 5.7.1 User luis(1000) is not allowed to submit mail; proto=SMTP`,
  ])
    expect(lineSentence(made(text, { service: 'pickup' }))).toContain(`\`${who}\``)
})

test('the line as it stands in the file', () => {
  const at = new Date(2026, 10, 4, 9, 5, 7).getTime() * 1000
  expect(wholeLine(made('removed', { at, service: 'qmgr' }), 'mail')).toBe(
    'Nov  4 09:05:07 mail postigo/qmgr[48]: removed',
  )
})

test('each day but today is named at its first line', () => {
  overwriteGetLocale(() => 'en')
  const at = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime() * 1000
  const rows = [at(22, 9), at(22, 23), at(23, 0), at(24, 1), at(24, 10)].map((moment, id) => ({
    line: made('removed', { id, at: moment }),
    skipped: 0,
  }))
  expect([...dayLabels(rows, at(24, 12))]).toEqual([
    [0, '22 Nov'],
    [2, '23 Nov'],
    [3, '24 Nov'],
  ])
  expect(dayLabels(rows.slice(3), at(24, 12)).size).toBe(0)
})

const wish: Wish = { group: 'all', level: 'any', text: '', queueId: undefined, session: undefined }
test('live lines are judged as the engine judges pages', () => {
  const refused = made('NOQUEUE: reject', { level: 'refused' })
  expect(matches(toFilter(wish), refused)).toBe(true)
  expect(matches(toFilter({ ...wish, level: 'warnings' }), refused)).toBe(true)
  expect(matches(toFilter({ ...wish, level: 'refusals' }), made('warning', { level: 'warning' }))).toBe(false)
  expect(matches(toFilter({ ...wish, group: 'imap' }), refused)).toBe(false)
  expect(matches(toFilter({ ...wish, text: ' noqueue ' }), refused)).toBe(true)
  expect(matches(toFilter({ ...wish, queueId: 'x' }), refused)).toBe(false)
})

describe('the feed', () => {
  const open = async (filter = toFilter(wish)) => {
    const feed = new LogFeed(new FakePlatform('running', 0))
    await feed.load(filter)
    return feed
  }
  const last = logLines.at(-1)!.id
  const fresh = (count: number, from = last + 1) => Array.from({ length: count }, (_, at) => busyLine(from + at, 0, 1))
  const ids = (feed: LogFeed) => feed.rows.map(({ line }) => line.id)

  test('begins with the newest page and goes back page by page', async () => {
    const feed = await open()
    expect(ids(feed).at(-1)).toBe(last)
    const first = ids(feed)[0]!
    feed.pause()
    await feed.loadOlder()
    expect(ids(feed)[0]).toBeLessThan(first)
    expect(new Set(ids(feed)).size).toBe(feed.rows.length)
  })
  test('what comes while paused waits, and is there afterwards', async () => {
    const feed = await open()
    const before = feed.rows.length
    feed.pause()
    feed.take(fresh(3), 0)
    feed.take(fresh(2, last + 4), 0)
    expect([feed.rows.length, feed.waiting]).toEqual([before, 5])
    feed.follow()
    expect([feed.rows.length, feed.waiting]).toEqual([before + 5, 0])
  })
  test('a line that is known already is not told twice', async () => {
    const feed = await open()
    const before = feed.rows.length
    feed.take(logLines.slice(-3), 0)
    expect(feed.rows.length).toBe(before)
  })
  test('lines that went by too fast are counted at the next one', async () => {
    const feed = await open()
    feed.take([], 40)
    feed.take(fresh(2), 2)
    expect(feed.rows.slice(-2).map(({ skipped }) => skipped)).toEqual([42, 0])
  })
  test('memory has a limit', async () => {
    const feed = await open()
    for (let at = 0; at < 60; at++) feed.take(fresh(500, last + 1 + at * 500), 0)
    await expect.poll(() => feed.rows.length).toBe(20_000)
    expect(feed.more).toBe(true)
    feed.pause()
    for (let at = 60; at < 120; at++) feed.take(fresh(500, last + 1 + at * 500), 0)
    expect(feed.waiting).toBe(30_000)
    feed.follow()
    await expect.poll(() => feed.rows.length).toBeLessThan(20_000)
    expect(feed.waiting).toBe(0)
  })
  test('only lines that fit the filter come in', async () => {
    const feed = await open(toFilter({ ...wish, queueId: '4gFq2R0zXJ' }))
    expect(feed.rows).toHaveLength(5)
    feed.take(fresh(7), 0)
    expect(feed.rows).toHaveLength(5)
  })
  test('lines that rush are shown in handfuls', async () => {
    const feed = await open()
    const before = feed.rows.length
    feed.take(fresh(1), 0)
    expect(feed.rows.length).toBe(before + 1)
    for (let at = 1; at < 6; at++) feed.take(fresh(1, last + 1 + at), 0)
    expect(feed.rows.length).toBe(before + 1)
    await expect.poll(() => feed.rows.length).toBe(before + 6)
    expect(feed.waiting).toBe(0)
  })
})
