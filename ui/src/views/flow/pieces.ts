/** The pieces of the map. Each is a button, and the form behind it. */
import type { IconName } from '$lib/icons'
import { m } from '$messages'
import type { FieldName } from './fields'

export type PieceId =
  | 'networks'
  | 'password'
  | 'anybody'
  | 'local'
  | 'relay'
  | 'outside'
  | 'mailboxes'
  | 'aliases'
  | 'inner'
  | 'internet'
  | 'retries'
  | 'resolver'
  | 'checks'
  | 'limits'

export interface Piece {
  id: PieceId
  icon: IconName
  title: () => string
  /** What stands on the button in the machine's voice. */
  postfix: string
  fields: readonly FieldName[]
}

export const pieces: Record<PieceId, Piece> = {
  networks: {
    id: 'networks',
    icon: 'network',
    title: () => m['flow.networks'](),
    postfix: 'mynetworks',
    fields: ['myNetworks'],
  },
  password: {
    id: 'password',
    icon: 'password',
    title: () => m['flow.password'](),
    postfix: 'smtpd_sasl_auth_enable',
    fields: [],
  },
  anybody: {
    id: 'anybody',
    icon: 'globe',
    title: () => m['flow.anybody'](),
    postfix: 'smtpd_tls_security_level',
    fields: ['inboundTls'],
  },
  local: {
    id: 'local',
    icon: 'overview',
    title: () => m['flow.local'](),
    postfix: 'mydestination',
    fields: ['recipientDelimiter'],
  },
  relay: {
    id: 'relay',
    icon: 'forward',
    title: () => m['flow.relay'](),
    postfix: 'relay_domains',
    fields: ['relayDomains', 'relayRecipients'],
  },
  outside: {
    id: 'outside',
    icon: 'send',
    title: () => m['flow.outside'](),
    postfix: 'reject_unauth_destination',
    fields: [],
  },
  mailboxes: {
    id: 'mailboxes',
    icon: 'mailbox',
    title: () => m['flow.mailboxes'](),
    postfix: 'virtual_mailbox_base',
    fields: [],
  },
  aliases: {
    id: 'aliases',
    icon: 'alias',
    title: () => m['flow.aliases'](),
    postfix: 'virtual_alias_maps',
    fields: [],
  },
  inner: {
    id: 'inner',
    icon: 'server',
    title: () => m['flow.inner'](),
    postfix: 'transport_maps',
    fields: ['transports'],
  },
  internet: {
    id: 'internet',
    icon: 'globe',
    title: () => m['flow.internet'](),
    postfix: 'relayhost',
    fields: ['relayhost', 'relayhostUser', 'outboundTls', 'senderRelayhosts', 'bindAddress'],
  },
  retries: {
    id: 'retries',
    icon: 'wait',
    title: () => m['flow.retries'](),
    postfix: 'maximal_queue_lifetime',
    fields: [
      'minimalBackoffSeconds',
      'maximalBackoffSeconds',
      'lifetimeSeconds',
      'bounceLifetimeSeconds',
      'warningSeconds',
      'runDelaySeconds',
      'destinationConcurrency',
      'initialConcurrency',
      'recipientsPerDelivery',
      'deliveries',
      'suppressionSeconds',
    ],
  },
  resolver: {
    id: 'resolver',
    icon: 'search',
    title: () => m['flow.resolver'](),
    postfix: 'resolver',
    fields: ['resolver', 'listen'],
  },
  checks: {
    id: 'checks',
    icon: 'checks',
    title: () => m['flow.checks'](),
    postfix: 'smtpd_recipient_restrictions',
    fields: [
      'clientRestrictions',
      'heloRestrictions',
      'senderRestrictions',
      'relayRestrictions',
      'recipientRestrictions',
      'dataRestrictions',
      'endOfDataRestrictions',
      'etrnRestrictions',
      'muaClientRestrictions',
      'muaHeloRestrictions',
      'muaSenderRestrictions',
    ],
  },
  limits: {
    id: 'limits',
    icon: 'clock',
    title: () => m['flow.limits'](),
    postfix: 'smtpd_client_connection_rate_limit',
    fields: [
      'rateUnitSeconds',
      'connectionRate',
      'messageRate',
      'recipientRate',
      'authRate',
      'limitExceptions',
      'softErrors',
      'errorSleepSeconds',
      'hardErrors',
      'junkCommands',
      'commandSeconds',
    ],
  },
}

export const columns = {
  callers: ['networks', 'password', 'anybody'],
  gate: ['local', 'relay', 'outside'],
  ends: ['mailboxes', 'aliases', 'inner', 'internet'],
  guard: ['checks', 'limits'],
  below: ['retries', 'resolver'],
} as const satisfies Record<string, readonly PieceId[]>

/** The ways between the pieces. The one that is refused is drawn, too: it is what an open relay would open. */
export const wires: readonly { from: PieceId; to: PieceId; refused?: boolean }[] = [
  { from: 'networks', to: 'local' },
  { from: 'networks', to: 'relay' },
  { from: 'networks', to: 'outside' },
  { from: 'password', to: 'local' },
  { from: 'password', to: 'relay' },
  { from: 'password', to: 'outside' },
  { from: 'anybody', to: 'local' },
  { from: 'anybody', to: 'relay' },
  { from: 'anybody', to: 'outside', refused: true },
  { from: 'local', to: 'mailboxes' },
  { from: 'local', to: 'aliases' },
  { from: 'relay', to: 'inner' },
  { from: 'outside', to: 'internet' },
]

export function pieceOf(name: string | undefined): PieceId {
  return name !== undefined && name in pieces ? (name as PieceId) : 'networks'
}
/** The piece where a setting is changed, by its Postfix name. */
export function pieceOfSetting(setting: string): PieceId | undefined {
  return settings[setting]
}
const settings: Record<string, PieceId> = {
  mydestination: 'local',
  recipient_delimiter: 'local',
  mynetworks: 'networks',
  smtpd_client_restrictions: 'checks',
  smtpd_helo_restrictions: 'checks',
  smtpd_sender_restrictions: 'checks',
  smtpd_relay_restrictions: 'outside',
  smtpd_recipient_restrictions: 'checks',
  mua_client_restrictions: 'checks',
  mua_helo_restrictions: 'checks',
  mua_sender_restrictions: 'checks',
  relay_domains: 'relay',
  relay_recipient_maps: 'relay',
  reject_unverified_recipient: 'relay',
  local_recipient_maps: 'mailboxes',
  virtual_alias_maps: 'aliases',
  virtual_alias_domains: 'aliases',
  alias_maps: 'aliases',
  luser_relay: 'aliases',
  forward_path: 'aliases',
  transport_maps: 'inner',
  relayhost: 'internet',
  sender_dependent_relayhost_maps: 'internet',
  smtp_sasl_password_maps: 'internet',
}
