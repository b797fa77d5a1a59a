import type { JourneyRow, Outcome } from '$api'
import type { IconName } from '$lib/icons'
import type { Status } from '$lib/status'
import { m } from '$messages'

interface Stop {
  icon: IconName
  label: string
  status: Status
}

export const outcomeStatus: Record<Outcome, Extract<Status, 'pass' | 'running' | 'fail'>> = {
  delivered: 'pass',
  running: 'running',
  refused: 'fail',
  failed: 'fail',
}

export function outcomeWord(outcome: Outcome): string {
  switch (outcome) {
    case 'delivered':
      return m['overview.outcome.delivered']()
    case 'running':
      return m['overview.outcome.running']()
    case 'refused':
      return m['overview.outcome.refused']()
    case 'failed':
      return m['overview.outcome.failed']()
  }
}

/** The journey of the message; the session where it got no identifier because it was refused before. */
export function rowHref({ queueId, session }: Pick<JourneyRow, 'queueId' | 'session'>): string {
  return queueId === null ? `#/sessions/${session}` : `#/journey/${encodeURIComponent(queueId)}`
}

/** An address of ours by its name alone: `ana`; others whole. */
export function shortAddress(address: string, domains: readonly string[]): string {
  const at = address.lastIndexOf('@')
  return at > 0 && domains.includes(address.slice(at + 1).toLowerCase()) ? address.slice(0, at) : address
}

/** Who it is from and for, on one line. */
export function parties(row: JourneyRow, domains: readonly string[]): string {
  const from = row.reversePath === '' ? '<>' : shortAddress(row.reversePath, domains)
  const to = row.recipients[0] === undefined ? '—' : shortAddress(row.recipients[0], domains)
  const more = row.recipientCount > 1 ? ` +${row.recipientCount - 1}` : ''
  return `${from} → ${to}${more}`
}

/** Where it began and how far it came: the two ends of the little drawing. */
export function stops(row: JourneyRow, domains: readonly string[]): [Stop, Stop] {
  const status = outcomeStatus[row.outcome]
  const ours = domains.includes(row.reversePath.slice(row.reversePath.lastIndexOf('@') + 1).toLowerCase())
  // Whoever was refused at the door is shown as it called itself: an address of ours in its envelope proves nothing.
  const known = ours && row.outcome !== 'refused'
  const from: Stop = {
    icon: known ? 'laptop' : 'server',
    label: known ? shortAddress(row.reversePath, domains) : clientName(row.client),
    status: row.outcome === 'refused' ? 'fail' : 'pass',
  }
  if (row.outcome === 'refused') return [from, { icon: 'refused', label: m['overview.stop.door'](), status }]
  const [first] = row.recipients
  const more = row.recipientCount > 1 ? ` +${row.recipientCount - 1}` : ''
  const to = first === undefined ? '—' : shortAddress(first, domains) + more
  return [from, { icon: 'mailbox', label: to, status }]
}

/** `localhost[127.0.0.1]`, as the log has it, by its name. */
export function clientName(client: string): string {
  return /^(.+)\[[^\]]+\]$/.exec(client)?.[1] ?? client
}
