import { m } from '$messages'
import type { PieceId } from './pieces'

/** What a piece is for, in plain words. */
export function saysOf(piece: PieceId, domains: string): string {
  const words: Record<PieceId, () => string> = {
    networks: () => m['flow.networks.says'](),
    password: () => m['flow.password.says'](),
    anybody: () => m['flow.anybody.says'](),
    local: () => m['flow.local.says']({ domains }),
    relay: () => m['flow.relay.says'](),
    outside: () => m['flow.outside.says'](),
    mailboxes: () => m['flow.mailboxes.says'](),
    aliases: () => m['flow.aliases.says'](),
    inner: () => m['flow.inner.says'](),
    internet: () => m['flow.internet.says'](),
    retries: () => m['flow.retries.says'](),
    resolver: () => m['flow.resolver.says'](),
    checks: () => m['flow.checks.says'](),
    limits: () => m['flow.limits.says'](),
  }
  return words[piece]()
}
