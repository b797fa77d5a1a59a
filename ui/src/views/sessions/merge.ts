import type { Session, SessionQuery } from '$api'

/** Newest first; what is known of a session is replaced by what came last. */
export function merge(known: readonly Session[], news: readonly Session[]): readonly Session[] {
  const changed = new Map(news.map((one) => [one.id, one]))
  const kept = known.map((one) => {
    const newer = changed.get(one.id)
    changed.delete(one.id)
    return newer ?? one
  })
  if (changed.size === 0) return kept
  return [...kept, ...changed.values()].sort((a, b) => b.id - a.id)
}

/** As the engine decides for pages, so that sessions that come by themselves are judged alike. */
export function matches({ services, refused, text }: SessionQuery, session: Session): boolean {
  if (services.length > 0 && !services.includes(session.service)) return false
  if (refused && !isRefused(session)) return false
  if (text === null) return true
  const { clientName, user, peer, did, queueIds } = session
  const wanted = text.toLowerCase()
  return [peer, clientName, user, did.recipient, did.reversePath, did.refusal, did.mailbox, ...queueIds].some((field) =>
    field?.toLowerCase().includes(wanted),
  )
}
export function isRefused({ result, did }: Session): boolean {
  return did.refusal !== null || did.failedLogins > 0 || result === 'notTrusted' || result === 'tlsFailed'
}
