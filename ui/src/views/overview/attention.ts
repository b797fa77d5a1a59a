import type { Attention, AttentionCode, Service } from '$api'
import { formatNumber, formatSize } from '$lib/format'
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
    why: m['overview.attention.destination.why'](),
    action: m['overview.attention.destination.fix'](),
    href: '#/queue',
  }),
  traceBehind: (q) => ({
    what: m['overview.attention.trace']({ number: formatNumber(Number(q.count ?? 0)), count: Number(q.count ?? 0) }),
    why: m['overview.attention.trace.why'](),
    action: m['overview.attention.trace.fix'](),
    href: '#/log',
  }),
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

function service(name: string): string {
  return isService(name) ? serviceName(name) : name
}
function isService(name: string): name is Service {
  return ['smtp', 'submission', 'submissions', 'imap', 'imaps'].includes(name)
}

export function attentionWords({ code, params }: Attention): AttentionWords {
  return table[code](params)
}
