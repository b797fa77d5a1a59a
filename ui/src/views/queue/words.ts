import type { QueueFailure, QueueFailureKind, QueueRow, QueueState } from '$api'
import { formatDay, formatFull, formatSpan, formatTime, formatWeekday } from '$lib/format'
import type { Status } from '$lib/status'
import { m } from '$messages'

/** What is common to a message and to one of its recipients. */
export type Waiting = Pick<QueueRow, 'state' | 'nextTry' | 'why'>

export function stateStatus(state: QueueState): Status {
  if (state === 'active') return 'running'
  if (state === 'later') return 'info'
  return state === 'deferred' ? 'warn' : 'off'
}
export function stateWord(state: QueueState): string {
  if (state === 'active') return m['queue.state.active']()
  if (state === 'later') return m['queue.state.later']()
  return state === 'deferred' ? m['queue.state.deferred']() : m['queue.state.held']()
}

interface Words {
  /** In the row. */
  short: () => string
  /** In the inspector. */
  long: () => string
  /** What to do, where there is something. */
  todo?: () => string
}
const failures: Record<QueueFailureKind, Words> = {
  refused: { short: () => m['queue.why.refused'](), long: () => m['queue.says.refused']() },
  greylisted: { short: () => m['queue.why.greylisted'](), long: () => m['queue.says.greylisted']() },
  mailboxFull: {
    short: () => m['queue.why.mailbox_full'](),
    long: () => m['queue.says.mailbox_full'](),
    todo: () => m['queue.todo.mailbox_full'](),
  },
  nameUnresolved: {
    short: () => m['queue.why.name'](),
    long: () => m['queue.says.name'](),
    todo: () => m['queue.todo.name'](),
  },
  unreachable: {
    short: () => m['queue.why.unreachable'](),
    long: () => m['queue.says.unreachable'](),
    todo: () => m['queue.todo.unreachable'](),
  },
  timedOut: { short: () => m['queue.why.timed_out'](), long: () => m['queue.says.timed_out']() },
  connectionLost: { short: () => m['queue.why.lost'](), long: () => m['queue.says.lost']() },
  tlsFailed: {
    short: () => m['queue.why.tls'](),
    long: () => m['queue.says.tls'](),
    todo: () => m['queue.todo.tls'](),
  },
  loginRefused: {
    short: () => m['queue.why.login'](),
    long: () => m['queue.says.login'](),
    todo: () => m['queue.todo.login'](),
  },
  destinationResting: { short: () => m['queue.why.resting'](), long: () => m['queue.says.resting']() },
  local: {
    short: () => m['queue.why.local'](),
    long: () => m['queue.says.local'](),
    todo: () => m['queue.todo.local'](),
  },
}
const active: Words = {
  short: () => m['queue.why.active'](),
  long: () => m['queue.says.active'](),
  todo: () => m['queue.todo.active'](),
}
const held: Words = {
  short: () => m['queue.why.held'](),
  long: () => m['queue.says.held'](),
  todo: () => m['queue.todo.held'](),
}
const untried: Words = { short: () => m['queue.why.none'](), long: () => m['queue.says.none']() }

/** `lunes 30 nov, 8:00` */
const formatShort = (at: number) => `${formatWeekday(at)} ${formatDay(at)}, ${formatTime(at)}`

/** Why a try did not work, in a few words. */
export const failureWords = (kind: QueueFailureKind): string => failures[kind].short()

/** The sender chose a time (RFC 4865). */
function later(at: number): Words {
  return {
    short: () => m['queue.why.later']({ time: formatShort(at) }),
    long: () => m['queue.says.later']({ time: formatFull(at) }),
    todo: () => m['queue.todo.later'](),
  }
}

function wordsOf({ state, why, nextTry }: Waiting): Words {
  if (state === 'later' && nextTry !== null) return later(nextTry)
  if (state === 'active') return active
  if (state === 'held') return held
  return why ? failures[why.kind] : untried
}
export const shortWhy = (one: Waiting): string => wordsOf(one).short()
export const longWhy = (one: Waiting): string => wordsOf(one).long()
export function todoWords(one: Waiting): string {
  const words = wordsOf(one)
  if (words.todo) return words.todo()
  return one.nextTry === null ? m['queue.todo.soon']() : m['queue.todo.none']({ time: formatTime(one.nextTry) })
}

/** `450 4.7.1` of a reply; empty when no server said anything. */
export function codeOf({ state, why }: Waiting): string {
  if (state !== 'deferred' || !why) return ''
  return replyCode(why)
}
export function replyCode({ text }: Pick<QueueFailure, 'text'>): string {
  return (
    /^([45]\d\d)(?:[ -]([45]\.\d{1,3}\.\d{1,3}))?(?=\s|$|-)/.exec(text)?.slice(1, 3).filter(Boolean).join(' ') ?? ''
  )
}

/** `in 4:12` within the hour, and then in coarser units; counted by `now`, which ticks. */
export function countdown({ state, nextTry }: Waiting, now: number): string {
  if (state === 'active') return m['queue.now']()
  if (state === 'held' || nextTry === null) return m['queue.never']()
  const seconds = Math.ceil((nextTry - now) / 1e6)
  if (seconds <= 0) return m['queue.now']()
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return m['queue.in']({ time: seconds < 3600 ? clock : formatSpan(nextTry - now) })
}
/** How long it has been here. */
export function ageOf(arrived: number, now: number): string {
  return m['queue.age']({ time: formatSpan(Math.max(0, Math.floor((now - arrived) / 1e6) * 1e6)) })
}

export function senderName(sender: string): string {
  return sender === '' ? m['queue.nobody']() : sender
}
