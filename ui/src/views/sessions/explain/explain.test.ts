import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Session } from '$api'
import { sessions } from '../../../testing/data/sessions'
import { imapClient, imapServer } from './imap'
import { explain, type Context } from './rule'
import { smtpClient, smtpServer } from './smtp'

const session = sessions.find(({ id }) => id === 48) as Session
const context = (more: Partial<Context> = {}): Context => ({
  session,
  encrypted: false,
  hellos: 0,
  answers: undefined,
  proving: false,
  ...more,
})
const source = (path: string) => readFileSync(join(process.cwd(), '../server', path), 'utf8')

describe('everything the server can say is explained', () => {
  /** `fixed(250, Enhanced(2, 0, 0), "Ok")` and those composed with an address, as they go over the wire. */
  const replies = [
    ...source('smtp/src/reply/table.rs').matchAll(
      /(?:fixed|about)\(\s*(\d{3}),\s*Enhanced\((\d), (\d), (\d+)\),\s*(address,\s*)?(?:&format!\(\s*)?"([^"]+)"/g,
    ),
  ].map(([, code, a, b, c, address, text]) => `${code} ${a}.${b}.${c} ${address ? '<x@y.test>: ' : ''}${text}`)

  test('the table of SMTP replies was found', () => expect(replies.length).toBeGreaterThan(50))
  test.each(replies)('%s', (reply) => {
    const note = explain(smtpServer, reply, context())
    expect(note?.vague, note?.words ?? 'nothing').toBeUndefined()
    expect(note?.words).toBeTruthy()
  })

  const imap = source('imap/src/response.rs')
  const tagged = [
    ...[...imap.matchAll(/new\(Condition::Bad, "([^"]+)"\)/g)].map(([, text]) => `a1 BAD ${text}`),
    ...[...imap.matchAll(/no\("([^"]+)", "([^"]+)"\)/g)].map(([, code, text]) => `a1 NO [${code}] ${text}`),
    ...[...source('imap/src/error.rs').matchAll(/Self::\w+ => "([^"]+)"/g)]
      .filter(([, text]) => text !== 'That charset is not supported')
      .map(([, text]) => `a1 BAD ${text}`),
    ...[...imap.matchAll(/Self::\w+ => "([^"]+)"/g)]
      .filter(([, text]) => !['OK', 'NO', 'BAD'].includes(text!))
      .map(([, text]) => `* BYE ${text}`),
  ]
  test('the tables of IMAP statuses were found', () => expect(tagged.length).toBeGreaterThan(30))
  test.each(tagged)('%s', (status) => {
    const note = explain(imapServer, status, context())
    // The text of these two says all there is to say.
    const isPlain = /The text is not in its charset|The search is nested|argument is longer/.test(status)
    if (!isPlain) expect(note?.vague, note?.words ?? 'nothing').toBeUndefined()
    expect(note?.words).toBeTruthy()
  })

  const verbs = [...source('imap/src/command.rs').matchAll(/Self::\w+.* => "([A-Z]+)"/g)].map(([, verb]) => verb!)
  test('the IMAP commands were found', () => expect(verbs.length).toBeGreaterThan(25))
  test.each(verbs)('%s of IMAP', (verb) => {
    expect(explain(imapClient, `a1 ${verb} x`, context())?.words).toBeTruthy()
    expect(explain(imapClient, `a1 ${verb.toLowerCase()} x`, context())?.words).toBeTruthy()
  })
  test.each('EHLO HELO STARTTLS AUTH MAIL RCPT DATA RSET NOOP VRFY EXPN HELP QUIT'.split(' '))('%s of SMTP', (verb) => {
    expect(explain(smtpClient, `${verb} x`, context())?.words).toBeTruthy()
  })
})

test('each explanation names where it is written, or is our own', () => {
  const own = ['This is a mail server', 'other servers yet']
  for (const { pattern, rfc } of [...smtpClient, ...smtpServer, ...imapClient, ...imapServer]) {
    if (!own.some((text) => pattern.source.includes(text))) expect(rfc, pattern.source).toMatch(/^RFC \d{4}/)
  }
})

test('a password in the open is told apart from one under TLS', () => {
  const open = explain(smtpClient, 'AUTH PLAIN x', context())
  const covered = explain(smtpClient, 'AUTH PLAIN x', context({ encrypted: true }))
  expect(open?.words).not.toBe(covered?.words)
})
test('a line of a password exchange is never read as a command', () => {
  const note = explain(smtpClient, 'QUIT', context({ proving: true }))
  expect(note?.words).toBe(explain(smtpClient, 'dGVzdA==', context({ proving: true }))?.words)
})
