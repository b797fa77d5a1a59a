import type { Alias, ClientLimits, DnsSettings, Forward, MailFlow, QueueSettings, Restrictions } from '$api'

export const flowDefaults: MailFlow = {
  myNetworks: ['127.0.0.0/8', '::1'],
  inboundTls: 'may',
  outboundTls: 'may',
  recipientDelimiter: '+',
  relayDomains: [],
  relayRecipients: [],
  relayhost: '',
  relayhostUser: '',
  senderRelayhosts: [],
  transports: [],
  bindAddress: '',
}
export const flowNow: MailFlow = { ...flowDefaults }
/** The flow of a school's edge server, for the scene `edge`. */
export const flowEdge: MailFlow = {
  ...flowNow,
  myNetworks: ['127.0.0.0/8', '::1', '10.0.0.0/8'],
  relayDomains: ['inner.test'],
  relayRecipients: ['profe@inner.test', 'clase@inner.test'],
  relayhost: '[smtp.instituto.test]:587',
  relayhostUser: 'lab',
  senderRelayhosts: [{ key: '@taller.test', value: '[smtp.taller.test]:587' }],
  transports: [{ key: 'inner.test', value: 'smtp:[10.0.0.2]:25' }],
}
export const queueDefaults: QueueSettings = {
  minimalBackoffSeconds: 300,
  maximalBackoffSeconds: 4000,
  lifetimeSeconds: 432_000,
  bounceLifetimeSeconds: 432_000,
  warningSeconds: 14_400,
  runDelaySeconds: 300,
  destinationConcurrency: 20,
  initialConcurrency: 5,
  recipientsPerDelivery: 50,
  deliveries: 100,
  suppressionSeconds: 604_800,
}
export const restrictionsDefaults: Restrictions = {
  clientRestrictions: '',
  heloRestrictions: '',
  senderRestrictions: '',
  relayRestrictions: 'permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination',
  recipientRestrictions: '',
  dataRestrictions: '',
  endOfDataRestrictions: '',
  etrnRestrictions: '',
  muaClientRestrictions: '',
  muaHeloRestrictions: '',
  muaSenderRestrictions: '',
}
/** Of a server that asks a blocklist and checks senders. */
export const restrictionsNow: Restrictions = {
  ...restrictionsDefaults,
  clientRestrictions: 'permit_mynetworks, reject_rbl_client zen.spamhaus.org',
  senderRestrictions: 'reject_non_fqdn_sender, reject_unknown_sender_domain',
}
export const limitsDefaults: ClientLimits = {
  rateUnitSeconds: 60,
  connectionRate: 0,
  messageRate: 0,
  recipientRate: 0,
  authRate: 0,
  limitExceptions: ['$mynetworks'],
  errorSleepSeconds: 1,
  softErrors: 10,
  hardErrors: 20,
  junkCommands: 100,
  commandSeconds: 300,
}
export const dnsDefaults: DnsSettings = { resolver: [], listen: '' }
export const dnsNow: DnsSettings = { resolver: ['built-in'], listen: '127.0.0.1:5353' }

export const aliases: Alias[] = [
  { name: 'postmaster', targets: ['ana'] },
  { name: 'abuse', targets: ['postmaster'] },
  { name: 'avisos', targets: ['ana', 'luis', 'junta@lista-gris.test'] },
  { name: 'puertas@lab.test', targets: ['taller@lab.test'] },
]
export const forwards: Forward[] = [{ account: 'marta@lab.test', targets: ['marta@gran-correo.test'], keepCopy: true }]

export const zoneTexts: Record<string, string> = {
  'lab.test': `$ORIGIN lab.test.
$TTL 3600
@ IN SOA ns.lab.test. hostmaster.lab.test. 2026112401 3600 900 604800 300
@ IN NS ns.lab.test.
@ IN MX 10 mail.lab.test.
@ IN TXT "v=spf1 mx -all"
ns IN A 127.0.0.1
mail IN A 127.0.0.1
_dmarc IN TXT "v=DMARC1; p=none"
`,
  'gran-correo.test': `$ORIGIN gran-correo.test.
$TTL 3600
@ IN SOA ns.gran-correo.test. hostmaster.gran-correo.test. 7 3600 900 604800 300
@ IN NS ns.gran-correo.test.
@ IN MX 10 mx1.gran-correo.test.
ns IN A 127.0.0.1
mx1 60 IN A 127.0.0.70
`,
}
