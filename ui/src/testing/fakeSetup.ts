import type {
  Journey,
  Method,
  Params,
  Port25,
  ProposedRecord,
  Reply,
  Setup,
  SetupFault,
  SetupFlow,
  ServerStatus,
  Settings,
  Error as WireError,
} from '$api'
import { ApiError } from '$platform'
import { listeners } from './data/server'
import { journey } from './data/log'
import { now } from './data/time'

type SetupMethod =
  'setup.facts' | 'setup.check' | 'setup.ports' | 'setup.plan' | 'setup.relay' | 'setup.port25' | 'setup.records'
type Answers = { [M in SetupMethod]: (params: Params<M>) => Reply<M> }
const methods: readonly Method[] = [
  'setup.facts',
  'setup.check',
  'setup.ports',
  'setup.plan',
  'setup.relay',
  'setup.port25',
  'setup.records',
]
export const isSetup = (method: Method): method is SetupMethod => methods.includes(method)

interface World {
  settings: () => Settings
  status: () => ServerStatus
}

/** The wizard's questions over made-up data. Judges as the engine does, for the cases that the pictures and tests show. */
export class FakeSetup {
  /** Messages to addresses elsewhere, and how often their journey was asked for. */
  readonly #outward = new Map<string, { to: string; looks: number }>()
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  answer<M extends SetupMethod>(method: M, params: Params<M>): Reply<M> {
    return (this.#answers[method] as (params: Params<M>) => Reply<M>)(params)
  }

  readonly #answers: Answers = {
    'setup.facts': () => ({
      addresses: [{ address: '192.168.1.37', network: '192.168.1.0/24', isPublic: false }],
      flow: this.#flow(),
      relayPasswordKept: this.passwordKept,
    }),
    'setup.check': ({ domain, host, flow }) => ({
      domain: checkDomain(domain),
      host: checkHost(host, domain),
      domainIsPublic: !domain.endsWith('.test'),
      flow: flow ? faultsOf(flow, domain, host, this.passwordKept) : [],
    }),
    'setup.ports': () =>
      listeners.map(({ service, standardPort, port, reason }) => ({ service, standardPort, port, reason })),
    'setup.plan': (setup) => ({ settings: planOf(setup, this.#known()) }),
    'setup.relay': ({ relayhost, user, password }) => {
      if (relayhost.includes('.invalid'))
        return { works: false, text: `Host or domain name not found. ${relayhost}`, session: null }
      if (password === 'wrong')
        return {
          works: false,
          text: 'SASL authentication failed: 535 5.7.8 Error: authentication failed',
          session: null,
        }
      const text = `smtp.instituto.test[192.168.1.2]:25 takes mail${user ? ` from ${user}` : ''}`
      return { works: true, text, session: 48 }
    },
    'setup.port25': ({ domain }) => portOf(domain),
    'setup.records': ({ domain, host, address, relayhost }) => {
      if (!/^[\d.]+$|:/.test(address))
        throw new ApiError({ code: 'ip.invalid', text: 'no address', params: { address } })
      return recordsOf(domain, host, address, relayhost)
    },
  }

  /** Remembers a message that left for elsewhere. */
  sent(queueId: string, to: string): void {
    this.#outward.set(queueId, { to, looks: 0 })
  }
  /** Its journey, which goes on each time one looks. */
  journeyOf(queueId: string): Journey | undefined {
    const found = this.#outward.get(queueId)
    if (!found) return undefined
    found.looks += 1
    const relay = 'smtp.instituto.test[192.168.1.2]:25'
    const came = journey.steps.filter(({ kind }) => ['submitted', 'checked', 'accepted'].includes(kind))
    const base = { ...journey, queueId, subject: null, sessions: [] }
    const at = (came.at(-1)?.at ?? now) + 180_000
    if (found.looks < 2) return { ...base, outcome: 'running', steps: came }
    const params = { recipient: found.to, relay }
    if (found.to.endsWith('.invalid'))
      return {
        ...base,
        outcome: 'running',
        steps: [
          ...came,
          {
            at,
            kind: 'deferred',
            ok: false,
            session: null,
            params: { ...params, reply: 'connect to smtp.instituto.test[192.168.1.2]:25: Connection timed out' },
          },
        ],
      }
    const reply = '250 2.0.0 Ok: queued as 7Kd2'
    return {
      ...base,
      outcome: 'delivered',
      steps: [...came, { at, kind: 'sent', ok: true, session: null, params: { ...params, reply, delay: '0.18' } }],
    }
  }

  /** The message while it waits; none for other messages. */
  queued(queueId: string): Reply<'queue.get'> | undefined {
    const found = this.#outward.get(queueId)
    if (!found) return undefined
    const text = 'connect to smtp.instituto.test[192.168.1.2]:25: Connection timed out'
    const why = { kind: 'timedOut', at: now, host: null, text, command: null, session: null } as const
    const waiting = { state: 'deferred', attempts: 1, nextTry: now + 300e6, why } as const
    return {
      row: {
        ...waiting,
        queueId,
        sender: 'ana@lab.test',
        recipients: [found.to],
        recipientCount: 1,
        octets: 612,
        arrived: now,
      },
      recipients: [
        {
          ...waiting,
          number: 1,
          address: found.to,
          original: null,
          destination: '[smtp.instituto.test]',
          tries: [why],
        },
      ],
      expires: now + 432_000e6,
      header: '',
    }
  }

  get passwordKept(): boolean {
    return Boolean(this.#known()?.flow.relayhostUser)
  }
  #known(): Settings['current'] | undefined {
    return this.#world.status().phase === 'notSetUp' ? undefined : this.#world.settings().current
  }
  #flow(): SetupFlow {
    const current = this.#known()
    const flow = current?.flow
    const hop = (domain: string) =>
      flow?.transports.find(({ key }) => key === domain)?.value.replace(/^smtp:/, '') ?? ''
    return {
      role: current?.role ?? 'standalone',
      networks: flow?.myNetworks.filter((one) => !/^(127\.|\[?::1)/.test(one)) ?? [],
      relayhost: flow?.relayhost ?? '',
      relayUser: flow?.relayhostUser ?? '',
      relayPassword: null,
      outboundTls: flow?.outboundTls ?? 'may',
      relayDomains: flow?.relayDomains.map((domain) => ({ domain, nextHop: hop(domain) })) ?? [],
      relayRecipients: flow?.relayRecipients ?? [],
      callAhead: false,
    }
  }
}

function checkDomain(domain: string): WireError | null {
  if (/\.local\.?$/i.test(domain)) return { code: 'domain.local', text: 'mDNS', params: { domain } }
  if (!/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i.test(domain))
    return { code: 'domain.invalid', text: 'no name', params: { domain } }
  return null
}
function checkHost(host: string, domain: string): WireError | null {
  if (host === domain || host.endsWith(`.${domain}`)) return null
  return { code: 'host.invalid', text: 'elsewhere', params: { host, domain } }
}

const hopPattern = /^(\[[\w.:-]+\]|[a-z][\w-]*(\.[\w-]+)+)(:\d+)?$/i
function faultsOf(flow: SetupFlow, domain: string, host: string, passwordKept: boolean): SetupFault[] {
  const faults: SetupFault[] = []
  const add = (
    field: SetupFault['field'],
    place: number,
    code: WireError['code'],
    params: Record<string, string> = {},
  ) => faults.push({ field, place, error: { code, text: code, params } })
  const needsRelay = flow.role === 'client' || flow.role === 'inner'
  if (flow.relayhost === '') {
    if (needsRelay) add('relayhost', 0, 'relayhost.missing')
  } else if (!hopPattern.test(flow.relayhost)) add('relayhost', 0, 'next_hop.invalid', { host: flow.relayhost })
  else if (flow.relayhost === host || /^\[127\.0\.0\.1\]:2525$/.test(flow.relayhost))
    add('relayhost', 0, 'next_hop.ourselves', { host: flow.relayhost })
  if (flow.relayUser !== '') {
    if (flow.outboundTls === 'none') add('relayUser', 0, 'relayhost.password_in_clear', { level: 'none' })
    else if (!flow.relayPassword && !passwordKept) add('relayUser', 0, 'relayhost.password_missing')
  }
  flow.networks.forEach((network, place) => {
    if (/\/0$/.test(network)) add('networks', place, 'setting.open_relay', { setting: 'mynetworks', value: network })
    else if (!/^[\d.]+(\/\d+)?$|:/.test(network)) add('networks', place, 'network.invalid', { network })
  })
  if (flow.role === 'edge' && flow.relayDomains.length === 0) add('relayDomain', 0, 'relay_domain.missing')
  flow.relayDomains.forEach((one, place) => {
    const wrong = checkDomain(one.domain)
    if (one.domain === domain) add('relayDomain', place, 'relay_domain.ours', { domain })
    else if (wrong) add('relayDomain', place, wrong.code, wrong.params)
    if (one.nextHop === '') {
      if (flow.relayhost !== '') add('nextHop', place, 'next_hop.missing', { domain: one.domain })
    } else if (!hopPattern.test(one.nextHop)) add('nextHop', place, 'next_hop.invalid', { host: one.nextHop })
  })
  flow.relayRecipients.forEach((address, place) => {
    if (!flow.relayDomains.some((one) => address.endsWith(`@${one.domain}`)))
      add('relayRecipients', place, 'relay_recipient.foreign', { address })
  })
  return faults
}

function planOf({ mode, domain, host, listen, flow }: Setup, known: Settings['current'] | undefined) {
  const old = known?.flow
  const transports = (flow?.relayDomains ?? [])
    .filter(({ nextHop }) => nextHop !== '')
    .map((one) => `${one.domain}=smtp:${one.nextHop}`)
  const line = (name: string, value: string, before: string | undefined, postfix = true) => ({
    name,
    postfix,
    value,
    old: known ? (before ?? '') : null,
  })
  return [
    line('mode', mode, known?.mode, false),
    line('role', flow?.role ?? known?.role ?? 'standalone', known?.role, false),
    line('myhostname', host, known?.host),
    line('mydestination', domain, known?.domains.join(', ')),
    line('inet_interfaces', listen, known?.listen),
    line('mynetworks', ['127.0.0.0/8', '::1', ...(flow?.networks ?? [])].join(', '), old?.myNetworks.join(', ')),
    line('smtp_tls_security_level', flow?.outboundTls ?? 'may', old?.outboundTls),
    line('relay_domains', (flow?.relayDomains ?? []).map((one) => one.domain).join(', '), old?.relayDomains.join(', ')),
    line('relay_recipient_maps', (flow?.relayRecipients ?? []).join(', '), old?.relayRecipients.join(', ')),
    line('relayhost', flow?.relayhost ?? '', old?.relayhost),
    line('relayhost_user', flow?.relayUser ?? '', old?.relayhostUser, false),
    line(
      'transport_maps',
      transports.join(', '),
      old?.transports.map(({ key, value }) => `${key}=${value}`).join(', '),
    ),
  ]
}

function portOf(domain: string): Port25 {
  if (domain.startsWith('abierto'))
    return { state: 'open', called: `mx.${domain}[203.0.113.9]:25`, text: `220 mx.${domain} ESMTP` }
  if (domain.startsWith('cerrado'))
    return { state: 'closed', called: `mx.${domain}[203.0.113.9]:25`, text: 'no answer within 5 s' }
  return { state: 'noNames', called: null, text: `no name server told the mail hosts of ${domain} in time` }
}

function recordsOf(domain: string, host: string, address: string, relayhost: string): ProposedRecord[] {
  const txt = (purpose: ProposedRecord['purpose'], name: string, value: string): ProposedRecord => ({
    purpose,
    name,
    kind: 'TXT',
    priority: null,
    value,
    line: `${name}. 3600 IN TXT "${value}"`,
  })
  const relay = relayhost.replace(/[[\]]|:\d+$/g, '')
  return [
    { purpose: 'host', name: host, kind: 'A', priority: null, value: address, line: `${host}. 3600 IN A ${address}` },
    { purpose: 'mx', name: domain, kind: 'MX', priority: 10, value: host, line: `${domain}. 3600 IN MX 10 ${host}.` },
    txt('spf', domain, relay ? `v=spf1 mx a:${relay} ~all` : 'v=spf1 mx -all'),
    txt('spfOfHost', host, 'v=spf1 a -all'),
  ]
}
