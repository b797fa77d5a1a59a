/** One table from an error's code to its words. Components show what this says and never test the text of an error. */
import type { Code, Error as WireError } from '$api'
import { m } from '$messages'
import { formatFull, formatSize } from './format'
import type { Status } from './status'

/** What the user can do about it; who shows the error gives it a button. */
export type Remedy = 'retry' | 'start' | 'setup' | 'settings' | 'password' | 'reload'

interface Words {
  status: Extract<Status, 'fail' | 'warn'>
  text: (params: Record<string, string>) => string
  remedy?: Remedy
}
type Failure = Pick<WireError, 'code' | 'params'>

const fail = (text: Words['text'], remedy?: Remedy): Words => ({ status: 'fail', text, remedy })
const warn = (text: Words['text'], remedy?: Remedy): Words => ({ status: 'warn', text, remedy })
/** A parameter that the engine always gives for this code; a dash keeps the sentence whole if it did not. */
const p = (params: Record<string, string>, name: string) => params[name] ?? '—'

const table: Record<Code, Words> = {
  'request.bad': fail((q) => m['error.request.bad']({ detail: p(q, 'detail') })),
  internal: fail((q) => m['error.internal']({ detail: p(q, 'detail') }), 'retry'),
  'server.not_running': warn(() => m['error.server.not_running'](), 'start'),
  'server.not_set_up': warn(() => m['error.server.not_set_up'](), 'setup'),
  'data.locked': fail((q) => m['error.data.locked']({ path: p(q, 'path'), pid: p(q, 'pid') }), 'retry'),
  'data.unusable': fail((q) => m['error.data.unusable']({ path: p(q, 'path'), detail: p(q, 'detail') }), 'retry'),
  'data.full': fail((q) => m['error.data.full']({ path: p(q, 'path') }), 'retry'),
  'config.invalid': fail((q) => m['error.config.invalid']({ path: p(q, 'path'), detail: p(q, 'detail') }), 'retry'),
  'setting.invalid': warn((q) => m['error.setting.invalid']({ setting: p(q, 'setting'), detail: p(q, 'detail') })),
  'setting.open_relay': fail((q) => m['error.setting.open_relay']({ setting: p(q, 'setting'), value: p(q, 'value') })),
  'setting.unknown': warn((q) => m['error.setting.unknown']({ setting: p(q, 'setting') })),
  'queue.unknown': warn((q) => m['error.queue.unknown']({ queueId: p(q, 'queueId') })),
  'suppression.unknown': warn((q) => m['error.suppression.unknown']({ address: p(q, 'address') })),
  'address.invalid': warn((q) => m['error.address.invalid']({ address: p(q, 'address') })),
  'alias.unknown': warn((q) => m['error.alias.unknown']({ name: p(q, 'name') })),
  'alias.loop': warn((q) => m['error.alias.loop']({ chain: p(q, 'chain') })),
  'zone.unknown': warn((q) => m['error.zone.unknown']({ origin: p(q, 'origin') })),
  'zone.invalid': warn((q) => m['error.zone.invalid']({ origin: p(q, 'origin'), detail: p(q, 'detail') })),
  'setup.exists': warn((q) => m['error.setup.exists']({ path: p(q, 'path') })),
  'domain.invalid': warn((q) => m['error.domain.invalid']({ domain: p(q, 'domain') })),
  'domain.local': warn((q) => m['error.domain.local']({ better: withTest(p(q, 'domain')) })),
  'host.invalid': warn((q) => m['error.host.invalid']({ domain: p(q, 'domain') })),
  'ip.invalid': warn((q) => m['error.ip.invalid']({ address: p(q, 'address') })),
  'network.invalid': warn((q) => m['error.network.invalid']({ network: p(q, 'network') })),
  'network.host_bits': warn((q) => m['error.network.host_bits']({ network: p(q, 'network'), meant: p(q, 'meant') })),
  'relayhost.missing': warn(() => m['error.relayhost.missing']()),
  'relayhost.password_in_clear': warn((q) => m['error.relayhost.password_in_clear']({ level: p(q, 'level') })),
  'relayhost.password_missing': warn(() => m['error.relayhost.password_missing']()),
  'next_hop.invalid': warn((q) => m['error.next_hop.invalid']({ host: p(q, 'host') })),
  'next_hop.ourselves': warn((q) => m['error.next_hop.ourselves']({ host: p(q, 'host') })),
  'next_hop.missing': warn((q) => m['error.next_hop.missing']({ domain: p(q, 'domain') })),
  'relay_domain.missing': warn(() => m['error.relay_domain.missing']()),
  'relay_domain.ours': warn((q) => m['error.relay_domain.ours']({ domain: p(q, 'domain') })),
  'relay_domain.twice': warn((q) => m['error.relay_domain.twice']({ domain: p(q, 'domain') })),
  'relay_recipient.foreign': warn((q) => m['error.relay_recipient.foreign']({ address: p(q, 'address') })),
  'listen.not_here': fail((q) => m['error.listen.not_here']({ address: p(q, 'address') }), 'settings'),
  'port.taken': fail(portTaken, 'settings'),
  'port.privileged': fail((q) => m['error.port.privileged']({ port: p(q, 'port') }), 'settings'),
  'account.exists': warn((q) => m['error.account.exists']({ address: p(q, 'address') })),
  'account.unknown': warn((q) => m['error.account.unknown']({ address: p(q, 'address') })),
  'account.name_invalid': warn(() => m['error.account.name_invalid']()),
  'account.domain_foreign': warn((q) => m['error.account.domain_foreign']({ domain: p(q, 'domain') })),
  'account.password_invalid': warn(() => m['error.account.password_invalid']()),
  'system_user.unknown': warn((q) => m['error.system_user.unknown']({ user: p(q, 'user') })),
  'system_user.no_right': warn((q) => m['error.system_user.no_right']({ detail: p(q, 'detail') })),
  'system_user.taken': warn((q) => m['error.system_user.taken']({ address: p(q, 'address') })),
  'mailbox.locked': warn((q) => m['error.mailbox.locked']({ path: p(q, 'path') })),
  'mailbox.invalid': warn((q) => m['error.mailbox.invalid']({ path: p(q, 'path') })),
  'session.unknown': warn(() => m['error.session.unknown']()),
  'journey.unknown': warn((q) => m['error.journey.unknown']({ queueId: p(q, 'queueId') })),
  'tls.certificate_invalid': fail(
    (q) => m['error.tls.certificate_invalid']({ path: p(q, 'path'), detail: p(q, 'detail') }),
    'settings',
  ),
  'mail.account_unknown': warn((q) => m['error.mail.account_unknown']({ account: p(q, 'account') })),
  'mail.unreachable': fail(
    (q) => m['error.mail.unreachable']({ host: p(q, 'host'), port: p(q, 'port'), detail: p(q, 'detail') }),
    'retry',
  ),
  'mail.login_refused': fail(
    (q) => m['error.mail.login_refused']({ host: p(q, 'host'), detail: p(q, 'detail') }),
    'password',
  ),
  'mail.not_trusted': fail((q) => m['error.mail.not_trusted']({ host: p(q, 'host'), detail: p(q, 'detail') })),
  'mail.folder_unknown': warn((q) => m['error.mail.folder_unknown']({ folder: p(q, 'folder') })),
  'mail.message_gone': warn(() => m['error.mail.message_gone']()),
  'mail.refused': fail((q) => m['error.mail.refused']({ reply: p(q, 'reply') })),
  'mail.address_invalid': warn((q) => m['error.mail.address_invalid']({ address: p(q, 'address') })),
  'mail.too_large': warn(tooLarge),
  'mail.later_unsupported': warn((q) => m['error.mail.later_unsupported']({ host: p(q, 'host') })),
  'mail.later_past': warn((q) => m['error.mail.later_past']({ time: fullTime(p(q, 'time')) })),
  'mail.later_too_far': warn((q) =>
    m['error.mail.later_too_far']({ host: p(q, 'host'), time: fullTime(p(q, 'latest')) }),
  ),
  'mail.no_recipients': warn(() => m['error.mail.no_recipients']()),
  'face.unreachable': fail((q) => m['error.face.unreachable']({ detail: p(q, 'detail') }), 'retry'),
  'face.unauthorized': fail(() => m['error.face.unauthorized'](), 'reload'),
}

function portTaken(q: Record<string, string>): string {
  if (q.program && q.pid) return m['error.port.taken_by']({ port: p(q, 'port'), program: q.program, pid: q.pid })
  return m['error.port.taken']({ port: p(q, 'port') })
}
/** A time as RFC 3339 has it, in words. */
const fullTime = (text: string) => (Number.isNaN(Date.parse(text)) ? text : formatFull(Date.parse(text) * 1000))
function tooLarge(q: Record<string, string>): string {
  return m['error.mail.too_large']({ size: formatSize(Number(q.octets)), limit: formatSize(Number(q.limit)) })
}
/** `aula.local` → `aula.test`. */
function withTest(domain: string): string {
  return domain.replace(/\.local\.?$/i, '.test')
}

export const errorText = ({ code, params }: Failure): string => table[code].text(params)
export const errorStatus = ({ code }: Failure): 'fail' | 'warn' => table[code].status
export const errorRemedy = ({ code }: Failure): Remedy | undefined => table[code].remedy
