import type {
  Account,
  Mode,
  PortChoice,
  PortPlan,
  ServerStatus,
  Setup,
  SetupField,
  SetupFlow,
  SetupPlan,
  SetupVerdict,
} from '$api'
import { errorText } from '$lib/errors'
import { Query } from '$lib/query.svelte'
import type { Locale } from '$lib/paraglide/runtime'
import { m } from '$messages'
import type { Platform } from '$platform'
import { FlowDraft, isMissing } from './flow.svelte'
import { newPassword } from './passwords'
import { Person } from './person.svelte'

/** Someone who writes or gets the test message. */
export interface Correspondent {
  name: string
  address: string
}

/** A screen before anything is written. */
export type Step = 'language' | 'purpose' | 'role' | 'domain' | 'flow' | 'people' | 'ports' | 'plan'
const screens: Record<Mode, readonly Step[]> = {
  lab: ['language', 'purpose', 'domain', 'people', 'ports'],
  classroom: ['language', 'purpose', 'role', 'domain', 'flow', 'people', 'ports', 'plan'],
  internet: ['language', 'purpose', 'domain', 'flow', 'people', 'ports', 'plan'],
}

/** What the wizard knows so far. Nothing of it is written before the end; what exists already is never changed by it. */
export class SetupDraft {
  mode = $state<Mode>('lab')
  domain = $state('lab.test')
  host = $state('mail.lab.test')
  postmaster = $state(true)
  readonly people: readonly [Person, Person]
  /** The accounts that were there before, when the wizard is run again. */
  existing = $state.raw<readonly Account[]>([])
  verdict = $state.raw<SetupVerdict>()
  readonly again: boolean
  readonly ports: Query<PortChoice[]>
  readonly plan: Query<SetupPlan>
  readonly flow = new FlowDraft()
  /** The address to listen on, once somebody chose one. */
  #listen = $state<string>()
  #plan: PortPlan = 'standard'
  #oldListen = '127.0.0.1'
  readonly #oldMode: Mode
  readonly #platform: Platform

  constructor(platform: Platform, status: ServerStatus, locale: Locale) {
    this.#platform = platform
    this.people = [new Person('Ana', newPassword(locale)), new Person('Luis', newPassword(locale))]
    this.ports = new Query(() => platform.call('setup.ports', { listen: this.listen, ports: this.#plan }))
    this.plan = new Query(() => platform.call('setup.plan', this.toSetup()))
    this.again = status.phase !== 'notSetUp'
    this.#oldMode = status.mode
    if (!this.again) return
    this.mode = status.mode
    this.domain = status.domains[0] ?? this.domain
    this.host = status.host
    this.#oldListen = status.listen
  }

  /** Asks for what exists already. Without an answer the wizard begins as on the first day, and the engine still keeps all. */
  async load(): Promise<void> {
    const facts = this.#platform.call('setup.facts', {}).then((facts) => this.flow.take(facts))
    if (!this.again) return facts
    const [accounts, settings] = await Promise.all([
      this.#platform.call('account.list', {}),
      this.#platform.call('settings.get', {}),
      facts,
    ])
    this.existing = accounts.filter(({ enabled }) => enabled)
    this.#plan = settings.current.ports
  }

  get steps(): readonly Step[] {
    return screens[this.mode]
  }
  /** Loopback, unless a network was chosen; a network chosen before stays as it was. */
  get listen(): string {
    if (this.mode !== 'lab' && this.#listen !== undefined) return this.#listen
    if (this.again && this.mode === this.#oldMode) return this.#oldListen
    return this.mode === 'lab' ? '127.0.0.1' : '0.0.0.0'
  }
  chooseListen(address: string): void {
    this.#listen = address
  }
  /** Who still has to be made so that two can write to each other. */
  get newcomers(): readonly Person[] {
    return this.people.slice(Math.min(2, this.existing.length))
  }
  /** The two of the test message: first those who are there, then those who come. */
  get pair(): [Correspondent, Correspondent] {
    const all = [
      ...this.existing.map(({ displayName, address }) => ({ name: displayName, address })),
      ...this.newcomers.map(({ displayName, user }) => ({
        name: displayName,
        address: `${user.toLowerCase()}@${this.domain}`,
      })),
    ]
    return [all[0]!, all[1]!]
  }
  get peopleAreGood(): boolean {
    const good = this.newcomers.every((one) => !one.nameError && !one.userError && !one.passwordError(this.mode))
    return good && !this.sameUser
  }
  get sameUser(): string | undefined {
    const taken = [...this.existing.map(({ user }) => user), ...this.newcomers.map(({ user }) => user.toLowerCase())]
    return new Set(taken).size < taken.length ? m['wizard.people.same']() : undefined
  }

  /** Passwords that nobody typed are of words of the language one speaks. */
  speak(locale: Locale): void {
    for (const person of this.people) if (person.made) person.password = newPassword(locale)
  }
  /** A new domain brings the host name with it, as long as that was not typed. */
  chooseDomain(domain: string): void {
    if (this.host === hostOf(this.domain)) this.host = hostOf(domain)
    this.domain = domain
  }

  /** Asks the engine what it thinks of the names, and of how mail comes and goes. True when all that was asked can be used. */
  async check(withFlow = false): Promise<boolean> {
    const asked = this.#question(withFlow)
    const verdict = await this.#platform.call('setup.check', asked)
    if (JSON.stringify(asked) !== JSON.stringify(this.#question(withFlow))) return false
    this.verdict = verdict
    return verdict.domain === null && verdict.host === null && verdict.flow.length === 0
  }
  #question(withFlow: boolean) {
    return {
      domain: this.domain.trim(),
      host: this.host.trim(),
      listen: this.listen,
      ports: this.#plan,
      flow: withFlow ? this.#toFlow() : null,
    }
  }
  /** What is wrong with a field of the flow. */
  faultOf(field: SetupField, place?: number): string | undefined {
    const fault = this.verdict?.flow.find((one) => one.field === field && (place ?? one.place) === one.place)
    if (!fault || (isMissing(fault.error.code) && !this.flow.tried)) return undefined
    return errorText(fault.error)
  }
  codeOf(field: SetupField): string | undefined {
    return this.verdict?.flow.find((one) => one.field === field)?.error.code
  }
  #toFlow(): SetupFlow | null {
    return this.flow.toFlow(this.mode, this.again ? this.#oldMode : undefined)
  }

  toSetup(): Setup {
    const first = this.newcomers[0]
    return {
      mode: this.mode,
      domain: this.domain.trim(),
      host: this.host.trim(),
      listen: this.listen,
      ports: this.#plan,
      flow: this.#toFlow(),
      users: this.newcomers.map((person) => person.toSetup()),
      postmaster: this.postmaster && this.existing.length === 0 && first ? first.toSetup().user : null,
    }
  }
}

function hostOf(domain: string): string {
  return domain === '' ? '' : `mail.${domain}`
}
