import type { ListenerTls, Service, Session, TlsStatus } from '$api'
import { formatDay, formatList } from '$lib/format'
import type { Status } from '$lib/status'
import { m } from '$messages'

/** A program that tried TLS here, and how its last try went. */
export interface Peer {
  /** As it calls itself, else its address. */
  name: string
  /** It accepted our certificate. */
  trusts: boolean
  session: Session
}

/** The last try of each program, those who refuse first. Only what sessions tell: who never came is not here. */
export function peersOf(sessions: readonly Session[]): Peer[] {
  const found = new Map<string, Peer>()
  for (const session of sessions.toSorted((a, b) => b.id - a.id)) {
    const trusts = session.tls !== null
    if (!trusts && session.result !== 'notTrusted') continue
    const name = session.clientName ?? session.peer
    if (!found.has(name)) found.set(name, { name, trusts, session })
  }
  return [...found.values()].sort((a, b) => Number(a.trusts) - Number(b.trusts))
}

/** The title: the one sentence that says how it stands with encryption here. */
export function verdict(tls: TlsStatus, peers: readonly Peer[]): { status: Status; title: string } {
  const { server, listeners } = tls
  if (server.daysLeft < 0) return { status: 'fail', title: m['tls.title.expired']({ day: formatDay(server.notAfter) }) }
  if (listeners.every(({ open }) => !open)) return { status: 'off', title: m['tls.title.closed']() }
  if (server.daysLeft <= 14) return { status: 'warn', title: m['tls.title.ends']({ count: server.daysLeft }) }
  const refusing = peers.filter(({ trusts }) => !trusts).length
  if (refusing > 0) return { status: 'warn', title: m['tls.title.distrusted']({ count: refusing }) }
  if (peers.length === 0) return { status: 'pass', title: m['tls.title.nobody']() }
  return { status: 'pass', title: m['tls.title.good']() }
}

/** How TLS stands on one listener. */
export function listenerState({ open, last }: ListenerTls, isExpired: boolean): { status: Status; words: string } {
  if (!open) return { status: 'off', words: m['tls.state.closed']() }
  if (isExpired) return { status: 'fail', words: m['tls.state.expired']() }
  if (last?.result === 'notTrusted') return { status: 'warn', words: m['tls.state.not_trusted']() }
  if (last?.result === 'tlsFailed') return { status: 'warn', words: m['tls.state.failed']() }
  return { status: 'pass', words: m['tls.state.ready']() }
}

/** `1.3 · AES-256-GCM`: the name of the suite without what every suite has. */
export function suiteWords(version: string, cipher: string): string {
  const name = cipher
    .replace(/^TLS(13)?_/, '')
    .replace(/^.*WITH_/, '')
    .replace(/_SHA\d+$/, '')
    .replaceAll('_', '-')
  return `${version.replace('TLSv', '')} · ${name.replace('CHACHA20-POLY1305', 'ChaCha20')}`
}

/** `E2:1B…71:C4`. */
export function shortPrint(fingerprint: string): string {
  return `${fingerprint.slice(0, 5)}…${fingerprint.slice(-5)}`
}

/** Names as a machine's words, in a sentence; for `Rich`. */
export const namesText = (names: readonly string[]) => formatList(names.map((name) => `\`${name}\``))

/** The app's own reader is given the authority by the engine itself: that it connects proves nothing to others. */
const ownClient = 'Postigo'
const wanted: readonly Service[] = ['imaps', 'imap', 'submissions', 'submission']

export type Arrival = { trusts: boolean; session: Session }

/**
 * A try that answers the last step of the instructions, if one of these is one. A client counts when it has gone on under
 * TLS: named itself or shown its password, so that the app's own reader is known for what it is.
 */
export function arrivalAmong(sessions: readonly Session[], since: number): Arrival | undefined {
  for (const session of sessions) {
    if (session.opened < since || !wanted.includes(session.service)) continue
    if (session.result === 'notTrusted') return { trusts: false, session }
    const isKnown = session.clientName !== null || session.user !== null || session.closed !== null
    if (session.tls !== null && isKnown && session.clientName !== ownClient) return { trusts: true, session }
  }
  return undefined
}
