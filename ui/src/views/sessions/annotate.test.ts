import { expect, test } from 'vitest'
import type { Said, Session, TranscriptLine } from '$api'
import { SECRET } from '$api'
import { sessionDetail, sessions } from '../../testing/data/sessions'
import { annotate, type Phase } from './annotate'
import { transcriptText } from './transcriptText'

const of = (id: number) => sessions.find((one) => one.id === id) as Session
const c = (text: string): Said => ({ kind: 'client', text })
const s = (text: string): Said => ({ kind: 'server', text })
const lines = (...said: Said[]): TranscriptLine[] => said.map((one, place) => ({ after: place * 1000, said: one }))
const names = (phases: readonly Phase[]) => phases.map(({ name }) => name)
function noteOf(phases: readonly Phase[], place: number) {
  return phases.flatMap((phase) => phase.lines).find((one) => one.place === place)?.note?.words
}

test('a submission goes through its phases, the second greeting with the password', () => {
  const phases = annotate(of(48), sessionDetail(48)!.lines)
  expect(names(phases)).toEqual(['greeting', 'encryption', 'password', 'envelope', 'content', 'goodbye'])
  expect(phases[2]!.lines[0]!.line.said).toEqual(c('EHLO portatil'))
  expect(phases.map(({ took }) => took / 1000)).toEqual([2, 14, 16, 1, 14, 0])
})

test('no line is lost or told twice', () => {
  for (const { id } of sessions) {
    const { lines: said } = sessionDetail(id)!
    const places = annotate(of(id), said).flatMap((phase) => phase.lines.map(({ place }) => place))
    expect(places).toEqual(said.map((_, place) => place))
  }
})

test('with pipelining each reply is told by what it answers', () => {
  const phases = annotate(
    of(48),
    lines(c('RSET'), c('NOOP'), c('MAIL FROM:<a@x.test>'), s('250 2.0.0 Ok'), s('250 2.0.0 Ok'), s('250 2.1.0 Ok')),
  )
  expect(noteOf(phases, 3)).not.toBe(noteOf(phases, 4))
  expect(noteOf(phases, 5)).toBeTruthy()
})

test('implicit TLS comes before the greeting', () => {
  const tls: Said = { kind: 'tls', version: 'TLSv1.3', cipher: 'X', serverName: null }
  const smtp = annotate(
    { ...of(48), service: 'submissions' },
    lines(tls, s('220 mail.lab.test ESMTP Postigo'), c('QUIT')),
  )
  expect(names(smtp)).toEqual(['encryption', 'greeting', 'goodbye'])
  expect(names(annotate(of(54), sessionDetail(54)!.lines))).toEqual([
    'encryption',
    'greeting',
    'password',
    'folders',
    'reading',
    'waiting',
  ])
})

test('the rest of a command after a literal is no command', () => {
  const phases = annotate(
    of(54),
    lines(c('a1 LOGIN {3}'), s('+ Go ahead'), c(SECRET), s('a1 OK Logged in'), c('a2 LOGOUT')),
  )
  expect(names(phases)).toEqual(['password', 'goodbye'])
  expect(noteOf(phases, 2)).toBeUndefined()
})

test('a long list is explained once, and each refusal again', () => {
  const listed = annotate(of(54), lines(c('a1 LIST "" *'), s('* LIST () "/" INBOX'), s('* LIST () "/" Sent')))
  expect(noteOf(listed, 1)).toBeTruthy()
  expect(noteOf(listed, 2)).toBeUndefined()
  const no = '550 5.1.1 <x@lab.test>: Recipient address rejected: User unknown'
  const refused = annotate(of(45), lines(c('RCPT TO:<x@lab.test>'), s(no), c('RCPT TO:<x@lab.test>'), s(no)))
  expect(noteOf(refused, 3)).toBe(noteOf(refused, 1))
})

test('what a stranger says cannot break the reading', () => {
  const strange = ['', ' ', '\u0000', '{', 'a1', 'a1 ', '[x](#/settings)', '250 2.1.0 Ok', '*'.repeat(2000)]
  for (const id of [48, 54]) {
    const said = strange.flatMap((text) => [c(text), s(text)])
    expect(annotate(of(id), lines(...said)).flatMap((phase) => phase.lines)).toHaveLength(said.length)
  }
})

test('a transcript as text has the time, who, and what', () => {
  const { lines: said } = sessionDetail(48)!
  const text = transcriptText(said)
  expect(text).toContain('0.003 C: EHLO portatil\n')
  expect(text).toContain('0.036 C: [612 octets]\n')
  expect(text).toContain(SECRET)
})
