import type { RouteDestination, RouteExplanation, RouteStep } from '$api'
import { m } from '$messages'

type Params = RouteStep['params']
/** A parameter that the engine always gives for this code; a dash keeps the sentence whole if it did not. */
const p = (params: Params, name: string) => params[name] || '—'

/** The codes of the engine's routing, each with its words. */
const table: Record<string, (params: Params) => string> = {
  barePostmaster: (q) => m['flow.step.bare_postmaster']({ address: p(q, 'address') }),
  localDomain: (q) =>
    q.asDomain === undefined || q.asDomain === q.domain
      ? m['flow.step.local_domain']({ domain: p(q, 'domain') })
      : m['flow.step.local_domain.as']({ domain: p(q, 'domain'), as: q.asDomain }),
  virtualAliasDomain: (q) => m['flow.step.virtual_alias_domain']({ domain: p(q, 'domain') }),
  relayDomain: (q) => m['flow.step.relay_domain']({ domain: p(q, 'domain'), entry: p(q, 'entry') }),
  foreignDomain: (q) => m['flow.step.foreign_domain']({ domain: p(q, 'domain') }),
  routedAddress: (q) => m['flow.step.routed_address']({ local: p(q, 'localPart') }),
  trustedNetwork: (q) => m['flow.step.trusted_network']({ address: p(q, 'address'), network: p(q, 'network') }),
  loggedIn: (q) => m['flow.step.logged_in']({ user: p(q, 'user') }),
  relayDenied: (q) => m['flow.step.relay_denied']({ address: p(q, 'address') }),
  virtualAlias: (q) => m['flow.step.virtual_alias']({ key: p(q, 'key'), targets: p(q, 'targets') }),
  alias: (q) => m['flow.step.alias']({ name: p(q, 'name'), targets: p(q, 'targets') }),
  standardName: (q) => m['flow.step.standard_name']({ name: p(q, 'name'), target: p(q, 'target') }),
  account: (q) => m['flow.step.account']({ address: p(q, 'address') }),
  accountWithExtension: (q) =>
    m['flow.step.account_extension']({ address: p(q, 'address'), extension: p(q, 'extension') }),
  accountDisabled: (q) => m['flow.step.account_disabled']({ address: p(q, 'address') }),
  catchAll: (q) => m['flow.step.catch_all']({ domain: p(q, 'domain'), targets: p(q, 'targets') }),
  forwardWithCopy: (q) => m['flow.step.forward_copy']({ account: p(q, 'account'), targets: p(q, 'targets') }),
  forward: (q) => m['flow.step.forward']({ account: p(q, 'account'), targets: p(q, 'targets') }),
  loop: (q) => m['flow.step.loop']({ chain: p(q, 'chain') }),
  deliveredBefore: (q) => m['flow.step.delivered_before']({ address: p(q, 'address') }),
  tooManyAliases: (q) => m['flow.step.too_many_aliases']({ limit: p(q, 'limit') }),
  unknownUser: (q) => m['flow.step.unknown_user']({ address: p(q, 'address') }),
  unknownVirtualAlias: (q) => m['flow.step.unknown_virtual_alias']({ address: p(q, 'address') }),
  unknownRelayRecipient: (q) => m['flow.step.unknown_relay_recipient']({ address: p(q, 'address') }),
  knownRelayRecipient: (q) => m['flow.step.known_relay_recipient']({ entry: p(q, 'entry') }),
  bounced: (q) => m['flow.step.bounced']({ address: p(q, 'address'), reply: p(q, 'reply') }),
  suppressed: (q) => m['flow.step.suppressed']({ address: p(q, 'address') }),
  listPermits: (q) => m['flow.step.list_permits']({ entry: p(q, 'entry'), list: p(q, 'list') }),
  listRefuses: (q) => m['flow.step.list_refuses']({ entry: p(q, 'entry'), list: p(q, 'list'), reply: p(q, 'reply') }),
  listWarns: (q) => m['flow.step.list_warns']({ entry: p(q, 'entry'), list: p(q, 'list'), reply: p(q, 'reply') }),
  listDefers: (q) => m['flow.step.list_defers']({ entry: p(q, 'entry'), list: p(q, 'list') }),
  listSoftens: (q) => m['flow.step.list_softens']({ entry: p(q, 'entry'), list: p(q, 'list') }),
  callAhead: (q) => m['flow.step.call_ahead']({ hop: p(q, 'nextHop') }),
  transport: (q) => m['flow.step.transport']({ pattern: p(q, 'pattern'), transport: p(q, 'transport') }),
  senderRelayhost: (q) => m['flow.step.sender_relayhost']({ key: p(q, 'key'), hop: p(q, 'nextHop') }),
  relayhost: (q) => m['flow.step.relayhost']({ hop: p(q, 'nextHop') }),
  mx: (q) => m['flow.step.mx']({ domain: p(q, 'domain') }),
  addressLiteral: (q) => m['flow.step.address_literal']({ address: p(q, 'address') }),
  unknownLiteral: (q) => m['flow.step.unknown_literal']({ domain: p(q, 'domain') }),
  tlsPolicy: (q) => m['flow.step.tls_policy']({ hop: p(q, 'nextHop'), level: p(q, 'level') }),
  credentials: (q) => m['flow.step.credentials']({ key: p(q, 'key') }),
  senderRewritten: (q) => m['flow.step.sender_rewritten']({ from: p(q, 'from'), to: p(q, 'to') }),
  senderTooLong: (q) => m['flow.step.sender_too_long']({ address: p(q, 'address') }),
  senderRestored: (q) => m['flow.step.sender_restored']({ from: p(q, 'from'), to: p(q, 'to') }),
  senderNotRestored: (q) => m['flow.step.sender_not_restored']({ address: p(q, 'address'), why: p(q, 'why') }),
}
export const stepCodes = Object.keys(table)

/** A code that has no words yet is shown as it is, with what it came with. */
export function stepWords({ code, params }: RouteStep): string {
  const words = Object.hasOwn(table, code) ? table[code] : undefined
  if (words) return words(params)
  const given = Object.entries(params).map(([name, value]) => `${name}=${value}`)
  return m['flow.step.other']({ code, params: given.join(', ') })
}

/** The answer in one sentence. */
export function answerWords({ accepted, reply, destinations }: RouteExplanation): string {
  if (!accepted) return reply.startsWith('4') ? m['flow.answer.later']() : m['flow.answer.refused']()
  const [only, ...others] = destinations
  if (!only || others.length > 0) return m['flow.answer.several']({ count: destinations.length })
  switch (only.kind) {
    case 'mailbox':
      return m['flow.answer.mailbox']({ account: only.account })
    case 'remote':
      return only.setting === null
        ? m['flow.answer.mx']({ domain: only.nextHop })
        : m['flow.answer.remote']({ hop: only.nextHop })
    case 'discard':
      return m['flow.answer.discard']()
    case 'error':
      return m['flow.answer.error']({ text: only.text })
  }
}
export function destinationWords(one: RouteDestination): string {
  switch (one.kind) {
    case 'mailbox':
      return m['flow.to.mailbox']({ account: one.account })
    case 'remote':
      return m['flow.to.remote']({ recipient: one.recipient, hop: one.nextHop })
    case 'discard':
      return m['flow.to.discard']()
    case 'error':
      return m['flow.to.error']({ text: one.text })
  }
}
