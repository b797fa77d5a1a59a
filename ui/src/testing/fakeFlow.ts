import type {
  Account,
  Alias,
  Forward,
  MailFlow,
  Method,
  Params,
  Reply,
  RouteDestination,
  RouteStep,
  Settings,
  SettingsPatch,
  Zone,
  ZoneRecord,
} from '$api'
import { ApiError } from '$platform'
import { aliases, forwards, zoneTexts } from './data/flow'

type FlowMethod = Extract<
  Method,
  | `config.${string}`
  | `route.${string}`
  | `relay.${string}`
  | `alias.${string}`
  | `forward.${string}`
  | `zone.${string}`
  | `dns.${string}`
>
type Answers = { [M in FlowMethod]: (params: Params<M>) => Reply<M> }
const prefixes = ['config.', 'route.', 'relay.', 'alias.', 'forward.', 'zone.', 'dns.']
export const isFlow = (method: Method): method is FlowMethod => prefixes.some((one) => method.startsWith(one))

interface World {
  settings: () => Settings
  accounts: () => readonly Account[]
  empty: boolean
}

/** Routing, aliases and zones over made-up data. Decides as the engine does, for the cases that the pictures and tests show. */
export class FakeFlow {
  aliases: Alias[]
  forwards: Forward[]
  readonly zones: Map<string, string>
  password: string | undefined
  readonly #world: World

  constructor(world: World) {
    this.#world = world
    this.aliases = world.empty ? [] : [...aliases]
    this.forwards = world.empty ? [] : [...forwards]
    this.zones = new Map(world.empty ? [] : Object.entries(zoneTexts))
  }

  answer<M extends FlowMethod>(method: M, params: Params<M>): Reply<M> {
    return (this.#answers[method] as (params: Params<M>) => Reply<M>)(params)
  }

  readonly #answers: Answers = {
    'config.list': () => {
      const { flow, queue, domains, host } = this.#world.settings().current
      return [
        entry('myhostname', host, 'mail.lab.test'),
        entry('mydestination', domains.join(', '), 'lab.test'),
        entry('mynetworks', flow.myNetworks.join(', '), '127.0.0.0/8, ::1'),
        entry('relay_domains', flow.relayDomains.join(', '), ''),
        entry('relayhost', flow.relayhost, ''),
        entry('minimal_backoff_time', `${queue.minimalBackoffSeconds}s`, '300s'),
        { ...entry('trace_days', '7', '30'), postfix: false, mainCf: null },
      ]
    },
    'config.set': ({ name, value }) => entry(name, value ?? '', ''),
    'route.explain': ({ recipient, sender, client, user }) => this.#explain(recipient, sender, client, user),
    'relay.test': ({ relayhost, user, password }) =>
      relayhost.includes('.invalid')
        ? { works: false, text: `${relayhost}: the name does not exist`, session: null }
        : password === 'wrong'
          ? { works: false, text: '535 5.7.8 Error: authentication failed', session: 48 }
          : { works: true, text: user ? '235 2.7.0 Authentication successful' : '250 SMTPUTF8', session: 48 },
    'relay.password': ({ password }) => {
      this.password = password || undefined
      this.#world.settings().relayPassword = password ? 'keyring' : 'none'
      return {}
    },
    'alias.list': () => this.aliases,
    'alias.set': (alias) => {
      const bad = alias.targets.find((one) => /\s|^\||^\/|^:include:/.test(one))
      if (bad) throw refuse('address.invalid', { address: bad })
      if (alias.targets.includes(alias.name)) throw refuse('alias.loop', { chain: `${alias.name} → ${alias.name}` })
      this.aliases = [...this.aliases.filter(({ name }) => name !== alias.name), alias]
      return {}
    },
    'alias.remove': ({ name }) => {
      if (!this.aliases.some((one) => one.name === name)) throw refuse('alias.unknown', { name })
      this.aliases = this.aliases.filter((one) => one.name !== name)
      return {}
    },
    'alias.import': ({ text }) => {
      const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
      const read = lines.map((line) => ({ line, parts: /^([^:\s]+)\s*:\s*(.+)$/.exec(line) }))
      const taken = read.flatMap(({ parts }) => (parts && !parts[2]!.startsWith('|') ? [parts] : []))
      for (const [, name = '', targets = ''] of taken)
        this.aliases = [
          ...this.aliases.filter((one) => one.name !== name),
          { name, targets: targets.split(/,\s*/).filter(Boolean) },
        ]
      return {
        taken: taken.map(([, name = '']) => name),
        refused: read
          .filter(({ parts }) => !parts || parts[2]!.startsWith('|'))
          .map(({ line }) => `${line}: an alias leads to names and addresses only`),
      }
    },
    'forward.list': () => this.forwards,
    'forward.set': (forward) => {
      const bad = forward.targets.find((one) => !one.includes('@'))
      if (bad) throw refuse('address.invalid', { address: bad })
      const others = this.forwards.filter(({ account }) => account !== forward.account)
      this.forwards = forward.targets.length > 0 ? [...others, forward] : others
      return {}
    },
    'zone.list': () => [...this.zones.keys()].map((origin) => this.#zone(origin).row),
    'zone.get': ({ origin }) => this.#zone(origin),
    'zone.set': ({ origin, text }) => {
      if (!/\bSOA\b/.test(text)) throw refuse('zone.invalid', { origin, detail: 'there is no SOA record' })
      this.zones.set(origin, text)
      return this.#zone(origin)
    },
    'zone.add': ({ origin, record }) => {
      if (record.kind === 'A' && !/^\d+(\.\d+){3}$/.test(record.value))
        throw refuse('zone.invalid', { origin, detail: `${record.value} is no IPv4 address` })
      this.zones.set(origin, `${this.#text(origin)}${lineOf(record)}\n`)
      return this.#zone(origin)
    },
    'zone.remove': ({ origin, record }) => {
      const same = (line: string) => {
        const one = recordOf(line)
        return one && one.name === record.name && one.kind === record.kind && one.value === record.value
      }
      const lines = this.#text(origin).split('\n')
      this.zones.set(origin, lines.filter((line) => !same(line)).join('\n'))
      return this.#zone(origin)
    },
    'zone.delete': ({ origin }) => {
      this.#text(origin)
      this.zones.delete(origin)
      return {}
    },
    'dns.query': ({ name, kind }) => {
      const base = { name, kind, server: 'built-in', took: 412, fromCache: false, authenticated: false }
      const origin = [...this.zones.keys()].find((one) => name === one || name.endsWith(`.${one}`))
      if (origin === undefined) return { ...base, outcome: 'noDomain', records: [] }
      const own = name === origin ? '@' : name.slice(0, -origin.length - 1)
      const there = this.#zone(origin).records.filter((one) => one.name === own)
      const found = there.filter((one) => one.kind === kind)
      if (found.length === 0) return { ...base, outcome: there.length > 0 ? 'noData' : 'noDomain', records: [] }
      const records = found.map((one) => `${name}. ${one.ttl ?? 3600} ${one.kind} ${one.value}`)
      return { ...base, outcome: 'found', records }
    },
  }

  #explain(recipient: string, sender: string, client: string, user: string | null): Reply<'route.explain'> {
    const { flow, domains } = this.#world.settings().current
    const steps: RouteStep[] = []
    const step = (code: string, params: Record<string, string>, setting: string | null = null) =>
      steps.push({ code, params, setting })
    if (!/^[^@\s]+@[^@\s]+$/.test(recipient)) throw refuse('address.invalid', { address: recipient })
    const [local = '', domain = ''] = recipient.split('@')
    const network = flow.myNetworks.find((one) => one === '0.0.0.0/0' || client.startsWith(one.split(/[.:]/)[0]! + '.'))
    if (network) step('trustedNetwork', { address: client, network }, 'mynetworks')
    else if (user !== null) step('loggedIn', { user }, 'smtpd_relay_restrictions')
    const known = network !== undefined || user !== null
    const no = (reply: string) => ({ accepted: false, reply, steps, destinations: [] })
    if (domains.includes(domain)) {
      step('localDomain', { domain, asDomain: domain }, 'mydestination')
      const alias = this.aliases.find(({ name }) => name === local || name === recipient)
      const names = alias ? alias.targets : [recipient]
      if (alias) step('alias', { name: alias.name, targets: alias.targets.join(', ') }, 'alias_maps')
      const destinations = names.map((name) => this.#end(name.includes('@') ? name : `${name}@${domain}`, sender, step))
      const lost = destinations.every(({ kind }) => kind === 'error')
      if (lost) return no(`550 5.1.1 <${recipient}>: Recipient address rejected: User unknown`)
      return { accepted: true, reply: '250 2.1.5 Ok', steps, destinations }
    }
    if (flow.relayDomains.includes(domain)) {
      step('relayDomain', { domain, entry: domain }, 'relay_domains')
      if (flow.relayRecipients.length > 0 && !flow.relayRecipients.includes(recipient)) {
        step('unknownRelayRecipient', { address: recipient }, 'relay_recipient_maps')
        return no(`550 5.1.1 <${recipient}>: Recipient address rejected: User unknown in relay recipient table`)
      }
    } else if (!known) {
      step('foreignDomain', { domain })
      step('relayDenied', { address: client }, 'smtpd_relay_restrictions')
      return no(`554 5.7.1 <${recipient}>: Relay access denied`)
    }
    return { accepted: true, reply: '250 2.1.5 Ok', steps, destinations: [this.#away(recipient, sender, flow, step)] }
  }
  #end(
    address: string,
    sender: string,
    step: (code: string, params: Record<string, string>, setting?: string | null) => void,
  ): RouteDestination {
    const account = this.#world.accounts().find((one) => one.address === address || one.aliases.includes(address))
    const { flow, domains } = this.#world.settings().current
    if (account) {
      step('account', { address: account.address }, 'local_recipient_maps')
      return { kind: 'mailbox', account: account.address }
    }
    if (!domains.includes(address.split('@')[1] ?? '')) return this.#away(address, sender, flow, step)
    step('unknownUser', { address }, 'local_recipient_maps')
    return { kind: 'error', text: `550 5.1.1 <${address}>: User unknown` }
  }
  #away(
    recipient: string,
    sender: string,
    flow: MailFlow,
    step: (code: string, params: Record<string, string>, setting?: string | null) => void,
  ): RouteDestination {
    const domain = recipient.split('@')[1] ?? ''
    const transport = flow.transports.find(({ key }) => key === domain || key === '*')
    const remote = { kind: 'remote' as const, recipient, sender }
    if (transport) {
      step('transport', { pattern: transport.key, transport: transport.value }, 'transport_maps')
      return { ...remote, nextHop: transport.value.replace(/^smtp:/, ''), setting: 'transport_maps' }
    }
    if (flow.relayhost) {
      step('relayhost', { nextHop: flow.relayhost }, 'relayhost')
      return { ...remote, nextHop: flow.relayhost, setting: 'relayhost' }
    }
    step('mx', { domain })
    return { ...remote, nextHop: domain, setting: null }
  }
  #text(origin: string): string {
    const text = this.zones.get(origin)
    if (text === undefined) throw refuse('zone.unknown', { origin })
    return text
  }
  #zone(origin: string): Zone {
    const text = this.#text(origin)
    const records = text.split('\n').flatMap((line) => recordOf(line) ?? [])
    const serial = Number(/\bSOA \S+ \S+ (\d+)/.exec(text)?.[1] ?? 1)
    return { row: { origin, serial, records: records.length }, records, text }
  }
}

/** What the engine refuses of a change, for the settings that the tests and pictures make wrong. */
export function checkPatch({ flow, confirmOpenRelay }: SettingsPatch, host: string): void {
  if (!flow) return
  const bad = flow.myNetworks.find((one) => !/^\[?[0-9a-f.:]+\]?(\/\d+)?$/i.test(one))
  if (bad !== undefined)
    throw refuse('setting.invalid', {
      setting: 'mynetworks',
      detail: `${bad} is not a network: write 10.0.0.0/8, 192.0.2.7 or [2001:db8::]/32`,
    })
  const transport = flow.transports.find(({ value }) => !/^(smtp|error|retry|discard)?:/.test(value))
  if (transport)
    throw refuse('setting.invalid', {
      setting: 'transport_maps',
      detail: `${transport.value} is not a transport: write smtp:[host]:port, error:text or discard:`,
    })
  const open = flow.myNetworks.find((one) => one.endsWith('/0'))
  if (open !== undefined && confirmOpenRelay !== host)
    throw refuse('setting.open_relay', { setting: 'mynetworks', value: open, host })
}

function entry(name: string, value: string, standard: string) {
  return { name, value, default: standard, postfix: true, mainCf: `${name} = ${value}`.trimEnd() }
}
function lineOf({ name, ttl, kind, value }: ZoneRecord): string {
  return `${name} ${ttl === null ? '' : `${ttl} `}IN ${kind} ${value}`
}
function recordOf(line: string): ZoneRecord | undefined {
  const found = /^(\S+) (?:(\d+) )?IN (\S+) (.+)$/.exec(line)
  if (!found || found[3] === 'SOA') return undefined
  const [, name = '', ttl, kind = '', value = ''] = found
  return { name, ttl: ttl === undefined ? null : Number(ttl), kind, value }
}
function refuse(code: ApiError['code'], params: Record<string, string>): ApiError {
  return new ApiError({ code, text: code, params })
}
