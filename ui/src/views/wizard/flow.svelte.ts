import type { Mode, OwnAddress, RelayedDomain, Role, SetupFacts, SetupField, SetupFlow, TlsLevel } from '$api'

/** A domain behind an edge, while it is typed. */
export class Relayed {
  domain = $state('')
  nextHop = $state('')
  constructor(from?: RelayedDomain) {
    this.domain = from?.domain ?? ''
    this.nextHop = from?.nextHop ?? ''
  }
  get isEmpty(): boolean {
    return this.domain.trim() === '' && this.nextHop.trim() === ''
  }
}

export type ClassroomRole = Extract<Role, 'client' | 'inner' | 'edge'>
const standing: SetupFlow = {
  role: 'standalone',
  networks: [],
  relayhost: '',
  relayUser: '',
  relayPassword: null,
  outboundTls: 'may',
  relayDomains: [],
  relayRecipients: [],
  callAhead: false,
}

/** How mail comes and goes, while it is typed. What belongs to another role is kept in its fields and not sent. */
export class FlowDraft {
  role = $state<ClassroomRole>('client')
  relayhost = $state('')
  /** A real domain and an edge may send without a relay host. */
  direct = $state(true)
  login = $state(false)
  user = $state('')
  password = $state('')
  passwordKept = $state(false)
  tls = $state<TlsLevel>('may')
  networks = $state('')
  relayed = $state<Relayed[]>([new Relayed()])
  recipients = $state('')
  /** How it is known who exists behind an edge. */
  known = $state<'anybody' | 'list' | 'ask'>('anybody')
  addresses = $state.raw<readonly OwnAddress[]>([])
  /** Somebody wanted to go on: what is missing is now said, too. */
  tried = $state(false)
  #before = $state.raw<SetupFlow>(standing)

  /** Begins with what is set. */
  take({ flow, addresses, relayPasswordKept }: SetupFacts): void {
    this.#before = flow
    this.addresses = addresses
    this.passwordKept = relayPasswordKept
    if (flow.role !== 'standalone') this.role = flow.role
    this.relayhost = flow.relayhost
    this.direct = flow.relayhost === ''
    this.login = flow.relayUser !== ''
    this.user = flow.relayUser
    this.tls = flow.outboundTls
    this.networks = flow.networks.join('\n')
    if (flow.relayDomains.length > 0) this.relayed = flow.relayDomains.map((one) => new Relayed(one))
    this.recipients = flow.relayRecipients.join('\n')
    this.known = flow.relayRecipients.length > 0 ? 'list' : flow.callAhead ? 'ask' : 'anybody'
  }

  /** A password asks for encryption, unless somebody chose otherwise. */
  askLogin(login: boolean): void {
    this.login = login
    if (login && this.tls === 'may') this.tls = 'encrypt'
    if (!login && this.tls === 'encrypt') this.tls = 'may'
  }
  /** Whether this role can do without a relay host. */
  mayBeDirect(mode: Mode): boolean {
    return mode === 'internet' || this.role === 'edge'
  }
  /** The relay host that mail for others goes to; empty: directly. */
  wayOut(mode: Mode): string {
    return this.mayBeDirect(mode) && this.direct ? '' : this.relayhost.trim()
  }
  /** Those that are named; one empty line is nobody's mistake. */
  get domains(): readonly Relayed[] {
    return this.relayed.filter((one) => !one.isEmpty)
  }

  /** What the engine is asked to set. None: all stays as it is, which one computer alone wants on its first day and later. */
  toFlow(mode: Mode, oldMode: Mode | undefined): SetupFlow | null {
    if (mode === 'lab') return oldMode === undefined || oldMode === 'lab' ? null : standing
    const relayhost = this.wayOut(mode)
    const hasLogin = relayhost !== '' && this.login
    const flow: SetupFlow = {
      role: mode === 'internet' ? 'standalone' : this.role,
      networks: words(this.networks),
      relayhost,
      relayUser: hasLogin ? this.user.trim() : '',
      relayPassword: hasLogin && this.password !== '' ? this.password : null,
      outboundTls: this.tls,
      relayDomains: [],
      relayRecipients: [],
      callAhead: false,
    }
    if (mode === 'classroom' && this.role === 'edge') {
      flow.relayDomains = this.domains.map(({ domain, nextHop }) => ({
        domain: domain.trim(),
        nextHop: nextHop.trim(),
      }))
      flow.relayRecipients = this.known === 'list' ? words(this.recipients) : []
      flow.callAhead = this.known === 'ask'
    } else if (mode === oldMode && flow.role === this.#before.role) {
      // Set under Mail flow; the wizard does not ask for them in this role, and so leaves them.
      flow.relayDomains = this.#before.relayDomains
      flow.relayRecipients = this.#before.relayRecipients
      flow.callAhead = this.#before.callAhead
    }
    return flow
  }

  /** The line that a fault is about is that of the entries sent; empty ones are not sent. */
  placeOf(one: Relayed): number {
    return this.domains.indexOf(one)
  }
}

/** What is missing is said only when somebody wants to go on; what is wrong, at once. */
const missing = ['relayhost.missing', 'relayhost.password_missing', 'relay_domain.missing']
export const isMissing = (code: string): boolean => missing.includes(code)
export type { SetupField }

/** Entries between commas, spaces or on lines of their own. */
export function words(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter(Boolean))]
}
