import type { Session, SessionResult, Service } from '$api'
import { formatSize } from '$lib/format'
import type { Status } from '$lib/status'
import { m } from '$messages'

export type Kind = 'all' | 'incoming' | 'submission' | 'imap'

export const servicesOf: Record<Kind, Service[]> = {
  all: [],
  incoming: ['smtp'],
  submission: ['submission', 'submissions', 'local'],
  imap: ['imap', 'imaps'],
}

export const isImap = (service: Service) => service === 'imap' || service === 'imaps'
const isImplicit = (service: Service) => service === 'submissions' || service === 'imaps'

/** `ana` of `ana@lab.test`. */
export const shortName = (user: string) => user.split('@')[0] || user

/** A login name at the head of a sentence. */
const capital = (name: string) => name.charAt(0).toLocaleUpperCase() + name.slice(1)

/** Its address, or which user of the system it is. */
export const peerAddress = ({ localUser, peer }: Session) =>
  localUser === null ? peer : m['sessions.local_user']({ name: localUser.name, uid: String(localUser.uid) })

/** How the peer calls itself, else its address. A user of the system is more than what its program calls itself. */
export const peerName = (session: Session) =>
  session.localUser === null ? (session.clientName ?? session.peer) : peerAddress(session)

export function protocolName(service: Service): string {
  if (service === 'smtp') return m['sessions.protocol.smtp']()
  if (service === 'local') return m['sessions.protocol.local']()
  return isImap(service) ? m['sessions.protocol.imap']() : m['sessions.protocol.submission']()
}

/** `STARTTLS, 1.3`, `1.3`, or that there was none. */
export function tlsWords({ tls, service, result }: Session): string {
  if (tls) {
    const version = tls.version.replace('TLSv', 'TLS ')
    return isImplicit(service) ? version : m['sessions.tls.starttls']({ version })
  }
  if (service === 'local') return m['sessions.tls.local']()
  return result === 'notTrusted' || result === 'tlsFailed' ? m['sessions.tls.refused']() : m['sessions.tls.none']()
}

export function resultStatus(result: SessionResult): Extract<Status, 'pass' | 'warn' | 'fail' | 'running'> {
  if (result === 'open') return 'running'
  if (result === 'accepted' || result === 'done') return 'pass'
  return result === 'timedOut' || result === 'lost' ? 'warn' : 'fail'
}

export function resultWords({ result, did }: Session): string {
  switch (result) {
    case 'open':
      return m['sessions.result.open']()
    case 'accepted':
      return m['sessions.result.accepted']()
    case 'done':
      return m['sessions.result.done']()
    case 'refused': {
      const code = /^\d{3}\b/.exec(did.refusal ?? '')?.[0]
      return code ? m['sessions.result.refused_code']({ code }) : m['sessions.result.refused']()
    }
    case 'wrongPassword':
      return m['sessions.result.wrong_password']()
    case 'notTrusted':
      return m['sessions.result.not_trusted']()
    case 'tlsFailed':
      return m['sessions.result.tls_failed']()
    case 'timedOut':
      return m['sessions.result.timed_out']()
    case 'lost':
      return m['sessions.result.lost']()
  }
}

/** What it did, in one sentence. */
export function didWords(session: Session): string {
  const { result, did } = session
  if (result === 'notTrusted') return m['sessions.did.not_trusted']()
  if (result === 'tlsFailed') return m['sessions.did.tls_failed']()
  if (did.messages > 0) {
    const done = brought(session)
    return did.refusal === null ? done : m['sessions.did.but']({ done })
  }
  if (result === 'wrongPassword' || (did.failedLogins > 0 && session.user === null))
    return m['sessions.did.wrong_password']({ count: Math.max(1, did.failedLogins) })
  if (did.refusal !== null && result !== 'open' && !isImap(session.service)) return refused(did.refusal)
  if (isImap(session.service) && session.user !== null) return read(session)
  if (result === 'timedOut') return m['sessions.did.timed_out']()
  if (result === 'lost') return m['sessions.did.lost']()
  if (did.reversePath !== null) return m['sessions.did.unfinished']()
  if (did.commands === 0) return result === 'open' ? m['sessions.did.silent']() : m['sessions.did.nothing']()
  return m['sessions.did.commands']({ count: did.commands })
}

function brought({ did }: Session): string {
  const size = formatSize(did.octets)
  const count = did.messages
  if (did.recipients === 1 && did.recipient) return m['sessions.did.brought']({ count, recipient: did.recipient, size })
  return m['sessions.did.brought.many']({ count, recipients: did.recipients, size })
}
function refused(reply: string): string {
  const address = /<([^<>]+)>/.exec(reply)?.[1] ?? ''
  if (address && reply.includes('Relay access denied')) return m['sessions.did.relay']({ address })
  if (address && reply.includes('User unknown')) return m['sessions.did.unknown_user']({ address })
  return reply
}
function read({ did }: Session): string {
  const folder = did.mailbox ?? ''
  const done =
    did.fetched > 0
      ? m['sessions.did.read']({ count: did.fetched, folder: folder || '—' })
      : folder
        ? m['sessions.did.looked']({ folder })
        : m['sessions.did.logged_in']()
  return did.idle ? m['sessions.did.idle']({ done }) : done
}

/** The session as a headline: who did what. */
export function headline(session: Session): string {
  const { result, did, service } = session
  const client = peerName(session)
  const user = session.user === null ? null : capital(shortName(session.user))
  switch (result) {
    case 'refused':
      return m['sessions.headline.refused']({ client })
    case 'wrongPassword':
      return m['sessions.headline.wrong_password']({ client })
    case 'notTrusted':
      return m['sessions.headline.not_trusted']({ client })
    case 'tlsFailed':
      return m['sessions.headline.tls_failed']({ client })
    case 'timedOut':
      return m['sessions.headline.timed_out']({ client })
    case 'lost':
      return m['sessions.headline.lost']({ client })
  }
  if (did.messages > 0) {
    if (user === null) return m['sessions.headline.brought']({ count: did.messages, client })
    return m['sessions.headline.submitted']({ count: did.messages, user })
  }
  if (user !== null && isImap(service)) {
    return did.idle && result === 'open'
      ? m['sessions.headline.waits']({ user })
      : m['sessions.headline.reads']({ user })
  }
  return result === 'open' ? m['sessions.headline.open']({ client }) : m['sessions.headline.came']({ client })
}
