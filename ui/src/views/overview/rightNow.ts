import type { Session, SessionQuery } from '$api'
import { m } from '$messages'
import type { Platform } from '$platform'
import { serviceName } from '$app/server'

/** `mutt, ana@lab.test`: how the client calls itself and who it proved to be. */
export function sessionWho({ clientName, peer, user }: Pick<Session, 'clientName' | 'peer' | 'user'>): string {
  const client = clientName ?? peer
  return user === null ? client : m['overview.now.who']({ client, user })
}

/** `IMAPS 2993, waiting for mail (IDLE)`. */
export function doing({ service, port, did, user }: Pick<Session, 'service' | 'port' | 'did' | 'user'>): string {
  const where = `${serviceName(service)} ${port}`
  if (did.idle) return m['overview.now.idle']({ where })
  if (service === 'imap' || service === 'imaps') {
    if (did.mailbox !== null) return m['overview.now.reads']({ where, mailbox: did.mailbox })
    return user === null ? m['overview.now.greets']({ where }) : m['overview.now.in']({ where })
  }
  return did.reversePath === null
    ? m['overview.now.greets']({ where })
    : m['overview.now.hands_in']({ where, address: did.reversePath })
}

const pageSize = 200
const mostPages = 5

/** Newest first. One that waits since the morning may lie far down the list, which is therefore read until `expected` are found. */
export async function openSessions(platform: Platform, expected: number): Promise<Session[]> {
  const query: SessionQuery = { services: [], refused: false, text: null, before: null, limit: pageSize }
  const found: Session[] = []
  for (let page = 0; page < mostPages; page++) {
    const { sessions, more } = await platform.call('session.list', query)
    found.push(...sessions.filter(({ closed }) => closed === null))
    query.before = sessions.at(-1)?.id ?? null
    if (!more || query.before === null || found.length >= expected) break
  }
  return found
}
