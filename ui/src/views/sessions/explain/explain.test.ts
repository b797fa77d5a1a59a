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

  /** The replies of restriction lists are put together from what was judged. */
  const judged = [
    '554 5.7.1 <unknown[192.0.2.7]>: Client host rejected: Access denied',
    '450 4.3.2 <a@b.test>: Sender address rejected: Try again later',
    '454 4.7.1 <u@ext.test>: Relay access denied',
    '450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]',
    '450 4.7.25 Client host rejected: cannot find your reverse hostname, [192.0.2.7]',
    '501 5.5.2 <->: Helo command rejected: Invalid name',
    '504 5.5.2 <pc>: Helo command rejected: need fully-qualified hostname',
    '450 4.7.1 <a.test>: Helo command rejected: Host not found',
    '504 5.5.2 <a@b>: Sender address rejected: need fully-qualified address',
    '450 4.1.8 <a@b.test>: Sender address rejected: Domain not found',
    '450 4.1.2 <a@b.test>: Recipient address rejected: Domain not found',
    '550 5.7.27 <a@b.test>: Sender address rejected: Domain b.test does not accept mail (nullMX)',
    '503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command pipelining',
    '554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using bl.test; open proxy',
    '553 5.7.1 <a@b.test>: Sender address rejected: not logged in',
    '550 5.1.0 <a@b.test>: Sender address rejected: User unknown in local recipient table',
    '550 5.1.1 <a@b.test>: Recipient address rejected: undeliverable address: host said: 550 no',
    '450 4.1.1 <a@b.test>: Recipient address rejected: unverified address: connect to host: refused',
    '421 4.7.0 Error: too many connections from [192.0.2.7]',
    '450 4.7.1 Error: too much mail from unknown[192.0.2.7]',
    '450 4.7.1 Error: too many recipients from unknown[192.0.2.7]',
    '450 4.7.1 Error: too many AUTH commands from unknown[192.0.2.7]',
  ]
  test.each(judged)('%s', (reply) => {
    const note = explain(smtpServer, reply, context())
    expect(note?.vague, note?.words ?? 'nothing').toBeUndefined()
    expect(note?.words).toBeTruthy()
  })

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
  const own = [
    'This is a mail server',
    'other servers yet',
    'undeliverable address',
    'unverified address',
    '5\\.1\\.0',
    'too (many|much)',
    'Access denied|Try again later',
    // Postfix's, in XCLIENT_README.
    'XCLIENT',
    'Insufficient',
    'There is no account',
  ]
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
