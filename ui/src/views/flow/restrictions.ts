/** The restriction lists, and what each restriction does, in plain words. */
import { m } from '$messages'
import type { FieldName, FlowValues } from './fields'

export type ListField = Extract<FieldName, `${string}Restrictions`>

/** In the order in which they are judged. */
export const lists: readonly { field: ListField; label: () => string; help: () => string }[] = [
  { field: 'clientRestrictions', label: () => m['flow.checks.client'](), help: () => m['flow.checks.client.help']() },
  { field: 'heloRestrictions', label: () => m['flow.checks.helo'](), help: () => m['flow.checks.helo.help']() },
  { field: 'senderRestrictions', label: () => m['flow.checks.sender'](), help: () => m['flow.checks.sender.help']() },
  { field: 'relayRestrictions', label: () => m['flow.checks.relay'](), help: () => m['flow.checks.relay.help']() },
  {
    field: 'recipientRestrictions',
    label: () => m['flow.checks.recipient'](),
    help: () => m['flow.checks.recipient.help'](),
  },
  { field: 'dataRestrictions', label: () => m['flow.checks.data'](), help: () => m['flow.checks.data.help']() },
  {
    field: 'endOfDataRestrictions',
    label: () => m['flow.checks.end_of_data'](),
    help: () => m['flow.checks.end_of_data.help'](),
  },
  { field: 'etrnRestrictions', label: () => m['flow.checks.etrn'](), help: () => m['flow.checks.etrn.help']() },
  {
    field: 'muaClientRestrictions',
    label: () => m['flow.checks.mua_client'](),
    help: () => m['flow.checks.mua.help'](),
  },
  { field: 'muaHeloRestrictions', label: () => m['flow.checks.mua_helo'](), help: () => m['flow.checks.mua.help']() },
  {
    field: 'muaSenderRestrictions',
    label: () => m['flow.checks.mua_sender'](),
    help: () => m['flow.checks.mua.help'](),
  },
]

/** What each restriction does. `add` is what is written for it where it needs more than its name. */
export const known: Record<string, { says: () => string; add?: string }> = {
  permit_mynetworks: { says: () => m['flow.checks.r.permit_mynetworks']() },
  permit_sasl_authenticated: { says: () => m['flow.checks.r.permit_sasl_authenticated']() },
  permit_auth_destination: { says: () => m['flow.checks.r.permit_auth_destination']() },
  reject_unauth_destination: { says: () => m['flow.checks.r.reject_unauth_destination']() },
  defer_unauth_destination: { says: () => m['flow.checks.r.defer_unauth_destination']() },
  reject_rbl_client: { says: () => m['flow.checks.r.reject_rbl_client'](), add: 'reject_rbl_client zen.spamhaus.org' },
  reject_rhsbl_client: {
    says: () => m['flow.checks.r.reject_rhsbl_client'](),
    add: 'reject_rhsbl_client dbl.spamhaus.org',
  },
  reject_rhsbl_helo: { says: () => m['flow.checks.r.reject_rhsbl_helo'](), add: 'reject_rhsbl_helo dbl.spamhaus.org' },
  reject_rhsbl_sender: {
    says: () => m['flow.checks.r.reject_rhsbl_sender'](),
    add: 'reject_rhsbl_sender dbl.spamhaus.org',
  },
  reject_rhsbl_recipient: {
    says: () => m['flow.checks.r.reject_rhsbl_recipient'](),
    add: 'reject_rhsbl_recipient dbl.spamhaus.org',
  },
  permit_dnswl_client: {
    says: () => m['flow.checks.r.permit_dnswl_client'](),
    add: 'permit_dnswl_client list.dnswl.org',
  },
  reject_unknown_client_hostname: { says: () => m['flow.checks.r.reject_unknown_client_hostname']() },
  reject_unknown_reverse_client_hostname: {
    says: () => m['flow.checks.r.reject_unknown_reverse_client_hostname'](),
  },
  reject_invalid_helo_hostname: { says: () => m['flow.checks.r.reject_invalid_helo_hostname']() },
  reject_non_fqdn_helo_hostname: { says: () => m['flow.checks.r.reject_non_fqdn_helo_hostname']() },
  reject_unknown_helo_hostname: { says: () => m['flow.checks.r.reject_unknown_helo_hostname']() },
  reject_non_fqdn_sender: { says: () => m['flow.checks.r.reject_non_fqdn_sender']() },
  reject_unknown_sender_domain: { says: () => m['flow.checks.r.reject_unknown_sender_domain']() },
  reject_unlisted_sender: { says: () => m['flow.checks.r.reject_unlisted_sender']() },
  reject_sender_login_mismatch: { says: () => m['flow.checks.r.reject_sender_login_mismatch']() },
  reject_authenticated_sender_login_mismatch: {
    says: () => m['flow.checks.r.reject_authenticated_sender_login_mismatch'](),
  },
  reject_unauthenticated_sender_login_mismatch: {
    says: () => m['flow.checks.r.reject_unauthenticated_sender_login_mismatch'](),
  },
  reject_known_sender_login_mismatch: { says: () => m['flow.checks.r.reject_known_sender_login_mismatch']() },
  reject_non_fqdn_recipient: { says: () => m['flow.checks.r.reject_non_fqdn_recipient']() },
  reject_unknown_recipient_domain: { says: () => m['flow.checks.r.reject_unknown_recipient_domain']() },
  reject_unlisted_recipient: { says: () => m['flow.checks.r.reject_unlisted_recipient']() },
  reject_unverified_recipient: { says: () => m['flow.checks.r.reject_unverified_recipient']() },
  check_client_access: {
    says: () => m['flow.checks.r.check_client_access'](),
    add: 'check_client_access inline:{ { 192.0.2.7 = REJECT } }',
  },
  check_helo_access: {
    says: () => m['flow.checks.r.check_helo_access'](),
    add: 'check_helo_access inline:{ { example.test = REJECT } }',
  },
  check_sender_access: {
    says: () => m['flow.checks.r.check_sender_access'](),
    add: 'check_sender_access inline:{ { spam@example.test = REJECT } }',
  },
  check_recipient_access: {
    says: () => m['flow.checks.r.check_recipient_access'](),
    add: 'check_recipient_access inline:{ { old@example.test = 550 5.1.1 Gone } }',
  },
  reject_unauth_pipelining: { says: () => m['flow.checks.r.reject_unauth_pipelining']() },
  permit: { says: () => m['flow.checks.r.permit']() },
  reject: { says: () => m['flow.checks.r.reject']() },
  defer: { says: () => m['flow.checks.r.defer']() },
  defer_if_permit: { says: () => m['flow.checks.r.defer_if_permit']() },
  defer_if_reject: { says: () => m['flow.checks.r.defer_if_reject']() },
  warn_if_reject: { says: () => m['flow.checks.r.warn_if_reject'](), add: 'warn_if_reject reject_non_fqdn_sender' },
}

/** The names in a list, in order, without their arguments. What stands in a table is none. */
export function namesIn(text: string): string[] {
  const flat = text.replace(/inline:\{[\s\S]*?\}\s*\}|inline:\{[^{}]*\}/g, ' ')
  return flat
    .split(/[\s,{}]+/)
    .map((word) => word.toLowerCase())
    .filter((word) => Object.hasOwn(known, word))
}

/** Whether a list holds nobody up who wants to send elsewhere. The engine decides in earnest; this colours the form. */
function holdsNobodyUp(text: string): boolean {
  let warned = false
  for (const name of namesIn(text)) {
    if (name === 'permit') return true
    const closes = ['reject', 'defer', 'defer_if_permit', 'reject_unauth_destination', 'defer_unauth_destination']
    if (closes.includes(name) && !warned) return false
    warned = name === 'warn_if_reject'
  }
  return true
}
export function listsAreOpen({
  relayRestrictions,
  recipientRestrictions,
}: Pick<FlowValues, 'relayRestrictions' | 'recipientRestrictions'>): boolean {
  return holdsNobodyUp(relayRestrictions) && holdsNobodyUp(recipientRestrictions)
}

/** The list with one more entry, before what holds everybody up at its end. */
export function withEntry(text: string, name: string): string {
  const entry = known[name]?.add ?? name
  const old = text.trim().replace(/,$/, '')
  return old === '' ? entry : `${old},\n${entry}`
}
