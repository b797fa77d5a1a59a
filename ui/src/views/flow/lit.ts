import type { RouteExplanation, RouteQuestion } from '$api'
import { pieceOfSetting, type PieceId } from './pieces'

/** The pieces that a message passes, so that its way can be drawn. */
export function litPieces({ user }: Pick<RouteQuestion, 'user'>, answer: RouteExplanation): ReadonlySet<PieceId> {
  const codes = new Set(answer.steps.map(({ code }) => code))
  const has = (...wanted: string[]) => wanted.some((code) => codes.has(code))
  const lit = new Set<PieceId>()
  lit.add(has('trustedNetwork') ? 'networks' : has('loggedIn') || user !== null ? 'password' : 'anybody')
  lit.add(gateOf(has))
  if (!answer.accepted) return lit
  if (has('alias', 'virtualAlias', 'standardName', 'catchAll', 'forward', 'forwardWithCopy')) lit.add('aliases')
  for (const one of answer.destinations) {
    if (one.kind === 'mailbox') lit.add('mailboxes')
    if (one.kind === 'discard') lit.add('inner')
    if (one.kind !== 'remote') continue
    const piece = one.setting === null ? undefined : pieceOfSetting(one.setting)
    lit.add(piece ?? (has('relayDomain') ? 'inner' : 'internet'))
  }
  return lit
}

function gateOf(has: (...codes: string[]) => boolean): PieceId {
  if (has('relayDomain')) return 'relay'
  // A local address may lead elsewhere by an alias; it came in as local.
  return has('localDomain', 'virtualAliasDomain', 'barePostmaster') ? 'local' : 'outside'
}
