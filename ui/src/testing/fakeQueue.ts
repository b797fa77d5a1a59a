import type { Event, Method, Params, QueueAction, QueueCounts, QueueState, Reply } from '$api'
import { ApiError } from '$platform'
import { crowd, queued, rowOf, type Queued } from './data/queue'
import { now } from './data/time'

type QueueMethod = Extract<Method, `queue.${string}`>
type Answers = { [M in QueueMethod]: (params: Params<M>) => Reply<M> }

/** The queue commands over made-up messages, which change as real ones would. */
export class FakeQueue {
  messages: Queued[]
  readonly #emit: (event: Event) => void

  constructor(empty: boolean, crowded: number, emit: (event: Event) => void) {
    this.#emit = emit
    const own = empty ? [] : queued.map((one) => ({ ...one, recipients: one.recipients.map((each) => ({ ...each })) }))
    this.messages = [...own, ...crowd(crowded)]
  }

  answer<M extends QueueMethod>(method: M, params: Params<M>): Reply<M> {
    return (this.#answers[method] as (params: Params<M>) => Reply<M>)(params)
  }
  get counts(): QueueCounts {
    const count = (state: QueueState) => this.messages.filter((one) => rowOf(one).state === state).length
    return { active: count('active'), deferred: count('deferred'), later: count('later'), held: count('held') }
  }
  /** Something was handed in. */
  add(one: Queued): void {
    this.messages = [...this.messages, one]
    this.tell()
  }
  /** Something moved by itself. */
  tell(): void {
    this.#emit({ kind: 'queue', counts: this.counts })
  }

  readonly #answers: Answers = {
    'queue.list': ({ state, text, after, limit }) => {
      const wanted = text?.toLowerCase()
      const all = this.messages
        .map(rowOf)
        .filter(
          (row) =>
            (!state || row.state === state) &&
            (!wanted || `${row.queueId} ${row.sender} ${row.recipients.join(' ')}`.toLowerCase().includes(wanted)),
        )
        .sort((a, b) => place(a) - place(b) || a.queueId.localeCompare(b.queueId))
      const from = after ? Number(after) : 0
      const end = from + (limit ?? 200)
      return { rows: all.slice(from, end), counts: this.counts, next: end < all.length ? String(end) : null }
    },
    'queue.get': ({ queueId }) => this.#whole(this.#message(queueId)),
    'queue.act': ({ action, queueIds }) => {
      const ids = queueIds && new Set(queueIds)
      const hit = this.messages.filter(
        (one) => (!ids || ids.has(one.queueId)) && (action !== 'retry' || rowOf(one).state !== 'later'),
      )
      if (action === 'delete') this.messages = this.messages.filter((one) => !hit.includes(one))
      else for (const one of hit) one.recipients = one.recipients.map((each) => ({ ...each, ...after(action, each) }))
      this.tell()
      return { messages: hit.length }
    },
    'queue.edit': ({ queueId, number, address }) => {
      if (!/^[^@\s]+@[^@\s]+$/.test(address)) throw refuse('address.invalid', { address })
      const message = this.#message(queueId)
      const destination = address.slice(address.indexOf('@') + 1)
      message.recipients = message.recipients.map((one) =>
        one.number === number ? { ...one, address, destination, original: one.original ?? one.address } : one,
      )
      this.tell()
      return this.#whole(message)
    },
  }

  #message(queueId: string): Queued {
    const found = this.messages.find((one) => one.queueId === queueId)
    if (!found) throw refuse('queue.unknown', { queueId })
    return found
  }
  #whole(message: Queued) {
    const header = [
      `Received: from portatil (localhost [127.0.0.1])\n\tby mail.lab.test (Postigo) with ESMTPSA id ${message.queueId}`,
      `From: ${message.sender || 'MAILER-DAEMON@mail.lab.test'}`,
      `To: ${message.recipients[0]?.address ?? ''}`,
      `Subject: ${message.subject}`,
      `Message-ID: <${message.queueId}@lab.test>`,
      'MIME-Version: 1.0',
    ]
    return {
      row: rowOf(message),
      recipients: message.recipients,
      expires: begins(message) + 5 * 86_400e6,
      header: header.join('\n'),
    }
  }
}

/** From when on it is tried: its arrival, or the time that its sender chose. */
function begins({ arrived, recipients }: Queued): number {
  return Math.max(arrived, ...recipients.map(({ state, nextTry }) => (state === 'later' ? (nextTry ?? 0) : 0)))
}

/** Active ones first, held ones last, as their next try says. */
function place({ state, nextTry }: ReturnType<typeof rowOf>): number {
  if (state === 'active') return 0
  return state === 'held' ? Infinity : (nextTry ?? now)
}
/** What was handed in to be sent later. */
export function later(queueId: string, sender: string, subject: string, to: readonly string[], at: number): Queued {
  const recipient = (address: string, number: number) => {
    const destination = address.slice(address.indexOf('@') + 1)
    const none = { original: null, attempts: 0, why: null, tries: [] }
    return { ...none, number, address, destination, state: 'later' as const, nextTry: at }
  }
  return { queueId, sender, octets: 1_204, arrived: now, subject, recipients: to.map(recipient) }
}
function after(action: QueueAction, { state }: { state: QueueState }): Partial<Queued['recipients'][number]> {
  if (action === 'hold') return { state: 'held', nextTry: null }
  if (action === 'sendNow') return { state: 'active', nextTry: null }
  if (action === 'release') return state === 'held' ? { state: 'deferred', nextTry: now + 60e6 } : {}
  return state === 'deferred' ? { state: 'active', nextTry: null } : {}
}
function refuse(code: ApiError['code'], params: Record<string, string>): ApiError {
  return new ApiError({ code, text: code, params })
}
