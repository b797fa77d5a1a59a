import type { Journey, JourneyStep, Outcome } from '$api'
import { formatClock, formatNumber, formatSize, formatSpan } from '$lib/format'
import type { Status } from '$lib/status'
import type { TimelineStep } from '$lib/Timeline.svelte'
import { m } from '$messages'

export function outcomeStatus(outcome: Outcome): Extract<Status, 'pass' | 'running' | 'fail'> {
  if (outcome === 'running') return 'running'
  return outcome === 'delivered' ? 'pass' : 'fail'
}

/** `Delivered in 0.05 s`, for the envelope of a message. */
export function outcomeWords(journey: Journey): string {
  if (journey.outcome === 'running') return m['mail.journey.badge.running']()
  if (journey.outcome !== 'delivered') return m['mail.journey.badge.failed']()
  const delay = Number(journey.steps.find(({ kind }) => kind === 'delivered')?.params.delay)
  if (!Number.isFinite(delay)) return m['mail.journey.badge.delivered']()
  return m['mail.journey.badge.delivered_in']({ span: shortSpan(delay) })
}
function shortSpan(seconds: number): string {
  return seconds < 1 ? `${formatNumber(seconds, 2)}\u00a0s` : formatSpan(seconds * 1e6)
}

/** The journey in a sentence or two. */
export function journeyLead({ steps, outcome }: Journey): string {
  const came = steps.find(({ kind }) => kind === 'submitted' || kind === 'received')
  const how = came && cameWords(came)
  const end =
    outcome === 'delivered'
      ? m['mail.journey.lead.delivered']()
      : outcome === 'running'
        ? m['mail.journey.lead.running']()
        : m['mail.journey.lead.failed']()
  return [how, end].filter(Boolean).join(' ')
}
function cameWords({ kind, params }: JourneyStep): string {
  const { user, tls, client = '—' } = params
  const localUser = localUserWords(params)
  if (localUser !== undefined) return m['mail.journey.lead.local']({ user: localUser })
  if (kind === 'received') return m['mail.journey.lead.received']({ client })
  if (user === undefined) return m['mail.journey.lead.submitted_open']({ client })
  return tls ? m['mail.journey.lead.submitted_tls']({ user }) : m['mail.journey.lead.submitted_plain']({ user })
}

/** Which user of the system it is, if one handed it in with `sendmail`. */
function localUserWords({ localUser, uid }: JourneyStep['params']): string | undefined {
  return localUser === undefined ? undefined : m['sessions.local_user']({ name: localUser, uid: uid ?? '—' })
}

/** The steps in plain words. */
export function journeySteps({ steps }: Journey): TimelineStep[] {
  const start = steps[0]?.at ?? 0
  return steps.map((step, place) => ({
    key: String(place),
    status: step.ok ? 'pass' : 'fail',
    what: what(step),
    why: why(step).filter(Boolean).join(' · '),
    at: place === 0 ? formatClock(step.at) : `+${formatSpan(step.at - start)}`,
  }))
}

function what({ kind, params }: JourneyStep): string {
  switch (kind) {
    case 'submitted': {
      const user = params.user ?? localUserWords(params)
      return user === undefined ? m['mail.journey.submitted']() : m['mail.journey.submitted_by']({ user })
    }
    case 'received':
      return m['mail.journey.received']({ client: params.client ?? '—' })
    case 'checked':
      return m['mail.journey.checked']()
    case 'accepted':
      return m['mail.journey.accepted']()
    case 'delivered':
      return m['mail.journey.delivered']({ recipient: params.recipient ?? '—' })
    case 'failed':
      return m['mail.journey.failed']({ recipient: params.recipient ?? '—' })
    case 'resolved':
      return m['mail.journey.resolved']({ name: params.name ?? '—', type: params.type ?? '—' })
    case 'sent':
      return m['mail.journey.sent']({ relay: params.relay ?? '—' })
    case 'deferred':
      return m['mail.journey.deferred']({ recipient: params.recipient ?? '—' })
    case 'reported':
      return m['mail.journey.reported']()
  }
}

function why({ kind, params }: JourneyStep): (string | undefined)[] {
  switch (kind) {
    case 'submitted':
    case 'received':
      if (params.localUser !== undefined) return [m['mail.journey.local']()]
      return [
        params.port && m['mail.journey.port']({ port: params.port }),
        params.tls ? params.tls.replace(/^TLSv/, 'TLS ') : m['mail.journey.no_tls'](),
        params.mechanism && code(params.mechanism),
        params.client && m['mail.journey.from']({ client: code(params.client) }),
      ]
    case 'checked':
      return [
        m['mail.journey.sender']({ sender: code(params.reversePath || '<>') }),
        m['mail.journey.recipients']({ count: Number(params.recipients) || 0 }),
        params.octets && formatSize(Number(params.octets)),
      ]
    case 'accepted':
      return [m['mail.journey.synced']({ reply: code(params.reply ?? '250') })]
    case 'delivered':
      return [
        params.mailbox && m['mail.journey.mailbox']({ mailbox: code(params.mailbox), uid: params.uid ?? '—' }),
        params.path && code(params.path),
      ]
    case 'failed':
    case 'deferred':
      return [params.reply && code(params.reply)]
    case 'resolved':
      return [
        params.answer ? code(params.answer) : m['mail.journey.no_answer'](),
        params.server && m['mail.journey.asked']({ server: code(params.server) }),
      ]
    case 'sent':
      return [
        params.recipient && m['mail.journey.to']({ recipient: code(params.recipient) }),
        params.reply && code(params.reply),
      ]
    case 'reported':
      return [params.report && m['mail.journey.report']({ report: code(params.report) })]
  }
}

/** A stranger's words, marked as a machine's: a name such as `[x](#/settings)` must not become a link (rich.ts). */
function code(text: string): string {
  return `\`${text.replaceAll('`', '’')}\``
}
