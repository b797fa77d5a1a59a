import type { LogLine } from '$api'
import { formatNumber, formatSize } from '$lib/format'
import { m } from '$messages'
import { parts } from './lines'

/** A piece of a line and what it means. The words may carry the marks of rich.ts. */
export interface Explained {
  piece: string
  words: string
}

/** What a line says, in a sentence. */
export function lineSentence(line: LogLine): string {
  const text = line.queueId === null ? line.text : line.text.slice(line.queueId.length + 2)
  const form = forms.find(({ pattern }) => pattern.test(text))
  return form ? form.say(form.pattern.exec(text)!, line) : m['log.says.other']()
}

/** Its pieces from left to right, each in plain words. */
export function linePieces(line: LogLine): Explained[] {
  const { values } = parts(line)
  const found: Explained[] = [{ piece: `${line.service}[${line.pid}]`, words: writer(line) }]
  if (line.queueId !== null) found.push({ piece: line.queueId, words: m['log.piece.queue_id']() })
  if (line.text.startsWith('NOQUEUE:')) {
    found.push({ piece: 'NOQUEUE', words: m['log.piece.noqueue']() })
    const reply = /: (([45])\d\d) (\d\.\d+\.\d+)?/.exec(line.text)
    if (reply?.[1]) found.push({ piece: reply[0].slice(2).trim(), words: replyWords(reply[2] ?? '') })
  }
  const peer = /\bfrom ([^\s[\]]+)\[([0-9A-Fa-f.:]+)\]/.exec(line.text)
  if (peer) {
    const unknown = peer[1] === 'unknown'
    found.push({ piece: `${peer[1]}[…]`, words: unknown ? m['log.piece.peer.unknown']() : m['log.piece.peer']() })
  }
  for (const [name, value] of values) {
    const say = keys[name]
    if (say) found.push({ piece: shown(name, value), words: say(value, line) })
    else if (counted.has(name) && line.text.startsWith('disconnect ')) {
      found.push({ piece: shown(name, value), words: countWords(value) })
    }
  }
  if (/, TLS$/.test(line.text)) found.push({ piece: 'TLS', words: m['log.piece.tls']() })
  return found
}

function shown(name: string, value: string): string {
  return value.length > 0 && value.length <= 9 ? `${name}=${value}` : `${name}=`
}

function writer({ service, pid }: LogLine): string {
  const session = pid === 0 ? '' : m['log.piece.pid']({ pid })
  const names: Record<string, () => string> = {
    smtpd: () => m['log.writer.smtpd'](),
    pickup: () => m['log.writer.pickup'](),
    cleanup: () => m['log.writer.cleanup'](),
    qmgr: () => m['log.writer.qmgr'](),
    virtual: () => m['log.writer.virtual'](),
    imap: () => m['log.writer.imap'](),
    master: () => m['log.writer.master'](),
  }
  return [names[service]?.() ?? m['log.writer.other'](), session].filter(Boolean).join(' ')
}
function replyWords(severity: string): string {
  return severity === '4' ? m['log.piece.reply.later']() : m['log.piece.reply.never']()
}

/** Commands as `disconnect` counts them. */
const counted = new Set(
  'helo ehlo starttls auth mail rcpt data bdat rset noop quit vrfy help etrn unknown commands'.split(' '),
)
function countWords(value: string): string {
  const [good, all] = value.split('/')
  return all === undefined
    ? m['log.piece.count']({ count: good ?? '' })
    : m['log.piece.count.some']({ good: good ?? '', all })
}

type Say = (value: string, line: LogLine) => string

const keys: Record<string, Say> = {
  client: () => m['log.key.client'](),
  sasl_method: (value) => m['log.key.sasl_method']({ hint: mechanism(value) }),
  sasl_username: (_, { text }) =>
    text.includes('authentication failed') ? m['log.key.sasl_username.failed']() : m['log.key.sasl_username'](),
  'message-id': () => m['log.key.message_id'](),
  from: (value) => (value === '' ? m['log.key.from.empty']() : m['log.key.from']()),
  to: () => m['log.key.to'](),
  orig_to: () => m['log.key.orig_to'](),
  size: (value) => m['log.key.size']({ size: formatSize(Number(value) || 0) }),
  nrcpt: (value) => m['log.key.nrcpt']({ count: Number(value) || 0 }),
  relay: (value) => (value === 'virtual' ? m['log.key.relay.virtual']() : m['log.key.relay']()),
  delay: () => m['log.key.delay'](),
  delays: delays,
  dsn: (value) => {
    if (value.startsWith('2')) return m['log.key.dsn.good']()
    return value.startsWith('4') ? m['log.key.dsn.later']() : m['log.key.dsn.never']()
  },
  status: (value) => {
    if (value === 'sent') return m['log.key.status.sent']()
    return value === 'bounced' ? m['log.key.status.bounced']() : m['log.key.status.later']()
  },
  proto: (value) => (value === 'ESMTP' ? m['log.key.proto.esmtp']() : m['log.key.proto.smtp']()),
  helo: () => m['log.key.helo'](),
  user: () => m['log.key.user'](),
  method: (value) => m['log.key.method']({ hint: mechanism(value) }),
  rip: () => m['log.key.rip'](),
}
function mechanism(name: string): string {
  return name.startsWith('SCRAM') ? m['log.key.mechanism.scram']() : m['log.key.mechanism.plain']()
}
function delays(value: string): string {
  const [before, queue, connect, deliver] = value.split('/').map((part) => {
    const seconds = Number(part)
    if (!Number.isFinite(seconds)) return part
    return formatNumber(seconds, /\.(\d+)$/.exec(part)?.[1]?.length ?? 0)
  })
  return m['log.key.delays']({
    before: before ?? '—',
    queue: queue ?? '—',
    connect: connect ?? '—',
    deliver: deliver ?? '—',
  })
}

interface Form {
  pattern: RegExp
  say: (match: RegExpExecArray, line: LogLine) => string
}
const g = (match: RegExpExecArray, at: number) => quote(match[at] ?? '')
/** A stranger's words stand as code, and cannot become a mark of their own. */
function quote(text: string): string {
  return `\`${text.replaceAll('`', '’') || '—'}\``
}

/** Every form that the server writes, tried in order. */
export const forms: readonly Form[] = [
  { pattern: /^connect from (local user \S+ \(uid \d+\)|\S+)/, say: (x) => m['log.says.connect']({ client: g(x, 1) }) },
  {
    pattern: /^disconnect from (local user \S+ \(uid \d+\)|\S+).*?(?: commands=(\S+))?$/,
    say: (x) =>
      x[2]?.includes('/')
        ? m['log.says.disconnect.some']({ client: g(x, 1) })
        : m['log.says.disconnect']({ client: g(x, 1) }),
  },
  {
    pattern: /^(?:Anonymous|Untrusted) TLS connection established (?:from|to) (\S+): (\S+) with cipher (\S+)/,
    say: (x) => m['log.says.tls']({ client: g(x, 1), version: (x[2] ?? '').replace('TLSv', 'TLS ') }),
  },
  {
    pattern: /^warning: TLS handshake failed from (\S+): (.*)/,
    say: (x) => m['log.says.tls_failed']({ client: g(x, 1) }),
  },
  { pattern: /^Login: user=<([^>]*)>/, say: (x) => m['log.says.login']({ user: g(x, 1) }) },
  {
    pattern: /^warning: (\S+): SASL (\S+) authentication failed: .*?sasl_username=(.*)$/,
    say: (x) => m['log.says.login_failed']({ client: g(x, 1), user: g(x, 3) }),
  },
  {
    pattern: /^NOQUEUE: reject: (\S+) from (local user \S+ \(uid \d+\)|\S+): (.*?);/,
    say: (x) => {
      const reply = x[3] ?? ''
      if (reply.includes('Relay access denied')) return m['log.says.reject.relay']({ client: g(x, 2) })
      if (reply.includes('User unknown')) return m['log.says.reject.unknown']({ client: g(x, 2) })
      return m['log.says.reject']({ client: g(x, 2), stage: g(x, 1) })
    },
  },
  {
    pattern: /^NOQUEUE: reject_warning: (\S+) from (\S+): /,
    say: (x) => m['log.says.reject_warning']({ client: g(x, 2), stage: g(x, 1) }),
  },
  { pattern: /^client=(local user \S+ \(uid \d+\))$/, say: (x) => m['log.says.client.local']({ client: g(x, 1) }) },
  {
    pattern: /^client=([^,]+)(?:, sasl_method=[^,]*, sasl_username=(.*))?$/,
    say: (x) =>
      x[2] === undefined
        ? m['log.says.client']({ client: g(x, 1) })
        : m['log.says.client.user']({ client: g(x, 1), user: g(x, 2) }),
  },
  { pattern: /^message-id=/, say: () => m['log.says.message_id']() },
  { pattern: /^from=<[^>]*>, size=\d+, nrcpt=\d+ \(queue active\)/, say: () => m['log.says.active']() },
  {
    pattern: /^to=<([^>]*)>.*\bstatus=sent\b/,
    say: (x) => m['log.says.sent']({ recipient: g(x, 1) }),
  },
  { pattern: /^to=<([^>]*)>.*\bstatus=bounced\b/, say: (x) => m['log.says.bounced']({ recipient: g(x, 1) }) },
  { pattern: /^to=<([^>]*)>.*\bstatus=deferred\b/, say: (x) => m['log.says.deferred']({ recipient: g(x, 1) }) },
  {
    pattern: /^sender (?:non-delivery|delay|delivery status) notification: (\S+)/,
    say: (x) => m['log.says.reported']({ queueId: g(x, 1) }),
  },
  { pattern: /^from=<[^>]*>, status=expired/, say: () => m['log.says.expired']() },
  { pattern: /^placed on hold$/, say: () => m['log.says.held']() },
  { pattern: /^released from hold$/, say: () => m['log.says.released']() },
  { pattern: /^requeued$/, say: () => m['log.says.requeued']() },
  { pattern: /^removed$/, say: () => m['log.says.removed']() },
  { pattern: /^daemon started -- version (\S+)/, say: () => m['log.says.started']() },
  { pattern: /^terminating$/, say: () => m['log.says.stopped']() },
  { pattern: /^reload configuration$/, say: () => m['log.says.reloaded']() },
  {
    pattern: /^(\S+) listening on (\S+)/,
    say: (x) => m['log.says.listening']({ service: g(x, 1), address: g(x, 2) }),
  },
  {
    pattern: /^error: (\S+) cannot listen on (\S+): (.*)/,
    say: (x) => m['log.says.cannot_listen']({ service: g(x, 1), address: g(x, 2) }),
  },
  {
    pattern: /^warning: (\d+) messages taken from the journal/,
    say: (x) => m['log.says.recovered']({ count: Number(x[1]) }),
  },
  { pattern: /^account (\S+): /, say: (x) => m['log.says.account']({ address: g(x, 1) }) },
  {
    pattern: /^warning: (\d+) entries left out/,
    say: (x) => m['log.says.left_out']({ count: Number(x[1]) }),
  },
  { pattern: /^error: /, say: () => m['log.says.error']() },
]
