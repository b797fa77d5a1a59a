/** The settings of mail flow as one set of named values, with their names in Postfix and the lines they become there. */
import type {
  ClientLimits,
  DnsSettings,
  MailFlow,
  Mapping,
  QueueSettings,
  Restrictions,
  SettingsPatch,
  SettingValues,
} from '$api'
import { listsAreOpen } from './restrictions'

export type FlowValues = MailFlow & QueueSettings & DnsSettings & Restrictions & ClientLimits
export type FieldName = keyof FlowValues

/** The name an error of the engine has for a field, and Postfix's where that is another one or there is none. */
const names: Record<FieldName, { key: string; postfix?: string }> = {
  myNetworks: { key: 'mynetworks' },
  inboundTls: { key: 'smtpd_tls_security_level' },
  outboundTls: { key: 'smtp_tls_security_level' },
  recipientDelimiter: { key: 'recipient_delimiter' },
  relayDomains: { key: 'relay_domains' },
  relayRecipients: { key: 'relay_recipient_maps' },
  relayhost: { key: 'relayhost' },
  relayhostUser: { key: 'relayhost_user', postfix: 'smtp_sasl_password_maps' },
  senderRelayhosts: { key: 'sender_dependent_relayhost_maps' },
  transports: { key: 'transport_maps' },
  bindAddress: { key: 'smtp_bind_address' },
  minimalBackoffSeconds: { key: 'minimal_backoff_time' },
  maximalBackoffSeconds: { key: 'maximal_backoff_time' },
  lifetimeSeconds: { key: 'maximal_queue_lifetime' },
  bounceLifetimeSeconds: { key: 'bounce_queue_lifetime' },
  warningSeconds: { key: 'delay_warning_time' },
  runDelaySeconds: { key: 'queue_run_delay' },
  destinationConcurrency: { key: 'default_destination_concurrency_limit' },
  initialConcurrency: { key: 'initial_destination_concurrency' },
  recipientsPerDelivery: { key: 'smtp_destination_recipient_limit' },
  deliveries: { key: 'default_process_limit' },
  suppressionSeconds: { key: 'suppression_time', postfix: '' },
  resolver: { key: 'resolver', postfix: '' },
  listen: { key: 'dns_listen', postfix: '' },
  clientRestrictions: { key: 'smtpd_client_restrictions' },
  heloRestrictions: { key: 'smtpd_helo_restrictions' },
  senderRestrictions: { key: 'smtpd_sender_restrictions' },
  relayRestrictions: { key: 'smtpd_relay_restrictions' },
  recipientRestrictions: { key: 'smtpd_recipient_restrictions' },
  dataRestrictions: { key: 'smtpd_data_restrictions' },
  endOfDataRestrictions: { key: 'smtpd_end_of_data_restrictions' },
  etrnRestrictions: { key: 'smtpd_etrn_restrictions' },
  muaClientRestrictions: { key: 'mua_client_restrictions' },
  muaHeloRestrictions: { key: 'mua_helo_restrictions' },
  muaSenderRestrictions: { key: 'mua_sender_restrictions' },
  rateUnitSeconds: { key: 'anvil_rate_time_unit' },
  connectionRate: { key: 'smtpd_client_connection_rate_limit' },
  messageRate: { key: 'smtpd_client_message_rate_limit' },
  recipientRate: { key: 'smtpd_client_recipient_rate_limit' },
  authRate: { key: 'smtpd_client_auth_rate_limit' },
  limitExceptions: { key: 'smtpd_client_event_limit_exceptions' },
  errorSleepSeconds: { key: 'smtpd_error_sleep_time' },
  softErrors: { key: 'smtpd_soft_error_limit' },
  hardErrors: { key: 'smtpd_hard_error_limit' },
  junkCommands: { key: 'smtpd_junk_command_limit' },
  commandSeconds: { key: 'smtpd_timeout' },
}

/** Empty where Postfix has no such setting. */
export const postfixName = (field: FieldName): string => names[field].postfix ?? names[field].key

/** The field that an error names. */
export function fieldNamed(setting: string | undefined): FieldName | undefined {
  return (Object.keys(names) as FieldName[]).find((field) => names[field].key === setting)
}

export function allValues({ flow, queue, dns, restrictions, clientLimits }: SettingValues): FlowValues {
  return { ...flow, ...queue, ...dns, ...restrictions, ...clientLimits }
}
/** The patch that sets these fields, and leaves the others as `current` has them. */
export function patchOf(
  edits: Partial<FlowValues>,
  { flow, queue, dns, restrictions, clientLimits }: SettingValues,
): SettingsPatch {
  const pick = <T extends object>(old: T): T | undefined => {
    const mine = Object.entries(edits).filter(([field]) => field in old)
    return mine.length === 0 ? undefined : { ...old, ...Object.fromEntries(mine) }
  }
  const patch: SettingsPatch = {
    flow: pick(flow),
    queue: pick(queue),
    dns: pick(dns),
    restrictions: pick(restrictions),
    clientLimits: pick(clientLimits),
  }
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
}
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** The line of main.cf; empty where Postfix has no such setting. */
export function postfixLine(field: FieldName, values: FlowValues): string {
  const name = postfixName(field)
  if (name === '') return ''
  if (field === 'relayhostUser')
    return values[field] === ''
      ? 'smtp_sasl_auth_enable = no'
      : `smtp_sasl_auth_enable = yes\n${name} = inline:{ { ${values.relayhost} = ${values[field]}:•••• } }`
  return `${name} = ${valueText(field, values)}`.trimEnd()
}

function valueText(field: FieldName, values: FlowValues): string {
  const value = values[field]
  if (isTable(value)) return value.length === 0 ? '' : `inline:{ ${value.map(pair).join(', ')} }`
  if (field === 'relayRecipients')
    return values[field].length === 0 ? '' : `inline:{ ${values[field].map((one) => `${one}=OK`).join(', ')} }`
  if (Array.isArray(value))
    return value.map(field === 'myNetworks' ? bracketed : String).join(field === 'myNetworks' ? ' ' : ', ')
  if (field.endsWith('Seconds')) return `${String(value)}s`
  return String(value)
}
const pair = ({ key, value }: Mapping) => `{ ${key} = ${value} }`
function isTable(value: unknown): value is Mapping[] {
  return Array.isArray(value) && value.length > 0 && typeof value[0] === 'object'
}
/** Postfix wants IPv6 in brackets: `[::1]/128`. */
function bracketed(network: string): string {
  if (!network.includes(':') || network.startsWith('[')) return network
  const [address = '', prefix] = network.split('/')
  return `[${address}]/${prefix ?? '128'}`
}

/** Whether an entry trusts every address there is, which makes an open relay whatever else is set. */
export function isEverybody(network: string): boolean {
  return /\/0+$/.test(network.trim())
}
/** Whether an entry relays every domain there is. */
export function isEveryDomain(entry: string): boolean {
  return ['*', '.*', '.'].includes(entry)
}
export function isOpenRelay(
  values: Pick<FlowValues, 'myNetworks' | 'relayDomains' | 'relayRestrictions' | 'recipientRestrictions'>,
): boolean {
  return values.myNetworks.some(isEverybody) || values.relayDomains.some(isEveryDomain) || listsAreOpen(values)
}

export interface RelayHost {
  host: string
  port: string
  /** The host is a domain whose MX is asked for; without it the name stands in brackets. */
  mx: boolean
}
export function parseRelayHost(text: string): RelayHost {
  const found = /^\[([^\]]*)\](?::(.*))?$/.exec(text.trim()) ?? undefined
  if (found) return { host: found[1] ?? '', port: found[2] ?? '', mx: false }
  const [, host = '', port = ''] = /^([^:]*)(?::(.*))?$/.exec(text.trim()) ?? []
  return { host, port, mx: host !== '' }
}
export function formatRelayHost({ host, port, mx }: RelayHost): string {
  if (host.trim() === '') return ''
  const name = mx ? host.trim() : `[${host.trim()}]`
  return port.trim() === '' ? name : `${name}:${port.trim()}`
}
