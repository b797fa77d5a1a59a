import type { DnsAnswer, DnsOutcome } from '$api'
import { formatNumber } from '$lib/format'
import type { Status } from '$lib/status'
import { m } from '$messages'

const table: Record<Exclude<DnsOutcome, 'found'>, { status: Status; words: () => string }> = {
  noData: { status: 'warn', words: () => m['names.answer.no_data']() },
  noDomain: { status: 'fail', words: () => m['names.answer.no_domain']() },
  serverFailure: { status: 'fail', words: () => m['names.answer.server_failure']() },
  refused: { status: 'fail', words: () => m['names.answer.refused']() },
  timedOut: { status: 'unknown', words: () => m['names.answer.timed_out']() },
  truncated: { status: 'fail', words: () => m['names.answer.truncated']() },
  unreachable: { status: 'unknown', words: () => m['names.answer.unreachable']() },
  malformed: { status: 'fail', words: () => m['names.answer.malformed']() },
}

export function outcomeStatus({ outcome }: DnsAnswer): Status {
  return outcome === 'found' ? 'pass' : table[outcome].status
}
export function outcomeWords({ outcome, records }: DnsAnswer): string {
  return outcome === 'found' ? m['names.answer.found']({ count: records.length }) : table[outcome].words()
}
/** Who said it, how long it took, and what else is known about it. */
export function provenance({ server, took, fromCache, authenticated }: DnsAnswer): string {
  return [
    fromCache
      ? m['names.answer.cached']()
      : server && m['names.answer.by']({ server, took: `${formatNumber(took / 1000, 1)}\u00a0ms` }),
    authenticated && m['names.answer.authenticated'](),
  ]
    .filter(Boolean)
    .join(', ')
}

/** The types of records that this server knows. */
export const kinds = ['A', 'AAAA', 'MX', 'TXT', 'CNAME', 'NS', 'PTR', 'SRV', 'TLSA', 'CAA'] as const

/** What a new zone begins with: a SOA and the name server that stands in it. */
export function template(origin: string): string {
  return [
    `$ORIGIN ${origin}.`,
    '$TTL 3600',
    `@ IN SOA ns.${origin}. hostmaster.${origin}. 1 3600 900 604800 300`,
    `@ IN NS ns.${origin}.`,
    'ns IN A 127.0.0.1',
    `@ IN MX 10 mail.${origin}.`,
    'mail IN A 127.0.0.1',
    '',
  ].join('\n')
}
