import type { Attention, AttentionCode, Service } from '$api'
import { formatNumber, formatSize, formatWhen } from '$lib/format'
import { errorText } from '$lib/errors'
import { m } from '$messages'
import { serviceName } from '$app/server'

/** What a person reads about one thing, and where it is put right. */
export interface AttentionWords {
  what: string
  why: string
  action: string
  href: string
}

type Params = Attention['params']
/** A parameter that the engine always gives for this code; a dash keeps the sentence whole if it did not. */
const p = (params: Params, name: string) => params[name] ?? '—'

const table: Record<AttentionCode, (params: Params) => AttentionWords> = {
  listenerClosed: (q) => ({
    what: m['overview.attention.listener_closed']({ service: service(p(q, 'service')), port: p(q, 'port') }),
    why: m['overview.attention.listener_closed.why']({ detail: p(q, 'detail') }),
    action: m['overview.attention.listener_closed.fix'](),
    href: '#/settings/server',
  }),
  clientDistrusts: (q) => ({
    what: m['overview.attention.client_distrusts']({ client: p(q, 'client') }),
    why: m['overview.attention.client_distrusts.why']({ count: Number(q.times ?? 1) }),
    action: m['overview.attention.client_distrusts.fix'](),
    href: '#/tls',
  }),
  wrongPasswords: (q) => ({
    what: m['overview.attention.wrong_passwords']({ client: p(q, 'client'), count: Number(q.times ?? 1) }),
    why: q.user
      ? m['overview.attention.wrong_passwords.why.user']({ user: q.user })
      : m['overview.attention.wrong_passwords.why'](),
    action: m['overview.attention.wrong_passwords.fix'](),
    href: q.session ? `#/sessions/${encodeURIComponent(q.session)}` : '#/sessions?refused',
  }),
  certificateEnds: (q) => certificateEnds(p(q, 'name'), Number(q.days ?? 0)),
  diskAlmostFull: (q) => ({
    what: m['overview.attention.disk']({ size: formatSize(Number(q.octets ?? 0)) }),
    why: m['overview.attention.disk.why']({ path: p(q, 'path') }),
    action: m['overview.attention.disk.fix'](),
    href: '#/settings/traces',
  }),
  noPostmaster: () => ({
    what: m['overview.attention.postmaster'](),
    why: m['overview.attention.postmaster.why'](),
    action: m['overview.attention.postmaster.fix'](),
    href: '#/mailboxes?add=postmaster',
  }),
  openRelay: (q) => ({
    what: m['overview.attention.open_relay'](),
    why: m['overview.attention.open_relay.why']({ line: `${p(q, 'setting')} = ${p(q, 'value')}` }),
    action: m['overview.attention.open_relay.fix'](),
    href: q.setting === 'relay_domains' ? '#/flow/relay' : '#/flow/networks',
  }),
  destinationDown: (q) => ({
    what: m['overview.attention.destination']({
      destination: p(q, 'destination'),
      number: formatNumber(Number(q.messages ?? 0)),
      count: Number(q.messages ?? 0),
    }),
    why: q.since
      ? m['overview.attention.destination.since']({ time: formatDate(q.since) })
      : m['overview.attention.destination.why'](),
    action: m['overview.attention.destination.fix'](),
    href: '#/queue',
  }),
  queueOld: (q) => ({
    what: m['overview.attention.queue_old']({
      number: formatNumber(Number(q.messages ?? 0)),
      count: Number(q.messages ?? 0),
    }),
    why: m['overview.attention.queue_old.why']({ time: formatDate(p(q, 'since')) }),
    action: m['overview.attention.destination.fix'](),
    href: '#/queue',
  }),
  queueLong: (q) => ({
    what: m['overview.attention.queue_long']({ number: formatNumber(Number(q.messages ?? 0)) }),
    why: m['overview.attention.queue_long.why'](),
    action: m['overview.attention.destination.fix'](),
    href: '#/queue',
  }),
  nameServerSilent: (q) => ({
    what: q.server ? m['overview.attention.names']({ server: q.server }) : m['overview.attention.names.unknown'](),
    why: m['overview.attention.names.why']({ time: formatDate(p(q, 'since')) }),
    action: m['overview.attention.names.fix'](),
    href: '#/flow/resolver',
  }),
  relayPasswordLocked: () => ({
    what: m['overview.attention.relay_password'](),
    why: m['overview.attention.relay_password.why'](),
    action: m['overview.attention.relay_password.fix'](),
    href: '#/flow/internet',
  }),
  mailboxFileBehind: (q) => ({
    what: m['overview.attention.mailbox_file']({ address: p(q, 'address') }),
    why: m['overview.attention.mailbox_file.why']({ reason: fileReason(p(q, 'code'), p(q, 'path')) }),
    action: m['overview.attention.mailbox_file.fix'](),
    href: `#/mailboxes/${encodeURIComponent(q.address ?? '')}`,
  }),
  traceBehind: (q) => ({
    what: m['overview.attention.trace']({ number: formatNumber(Number(q.count ?? 0)), count: Number(q.count ?? 0) }),
    why: m['overview.attention.trace.why'](),
    action: m['overview.attention.trace.fix'](),
    href: '#/log',
  }),
}

function fileReason(code: string, path: string): string {
  const known = (['mailbox.locked', 'mailbox.invalid', 'system_user.no_right', 'data.full'] as const).find(
    (one) => one === code,
  )
  return errorText({ code: known ?? 'data.unusable', params: { path, detail: path } })
}

function certificateEnds(name: string, days: number): AttentionWords {
  const past = days < 0
  return {
    what: past
      ? m['overview.attention.certificate.past']({ name })
      : m['overview.attention.certificate']({ name, count: days }),
    why: past ? m['overview.attention.certificate.past.why']() : m['overview.attention.certificate.why'](),
    action: m['overview.attention.certificate.fix'](),
    href: '#/tls',
  }
}

/** Microseconds as text; today without the day. */
function formatDate(micros: string): string {
  return formatWhen(Number(micros), Date.now() * 1000)
}

function service(name: string): string {
  return isService(name) ? serviceName(name) : name
}
function isService(name: string): name is Service {
  return ['smtp', 'submission', 'submissions', 'imap', 'imaps'].includes(name)
}

export function attentionWords({ code, params }: Attention): AttentionWords {
  return table[code](params)
}
