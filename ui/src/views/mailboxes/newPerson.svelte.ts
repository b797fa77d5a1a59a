import type { Mode } from '$api'
import { errorText } from '$lib/errors'
import type { Locale } from '$lib/paraglide/runtime'
import { toApiError, type ApiError, type Platform } from '$platform'
import { newPassword } from '../wizard/passwords'
import { Person } from '../wizard/person.svelte'
import type { StorageDraft } from './storage.svelte'

type FieldName = 'name' | 'user' | 'password'

/** Which field the engine speaks of when it refuses. */
const places: Partial<Record<ApiError['code'], FieldName>> = {
  'account.exists': 'user',
  'account.name_invalid': 'user',
  'account.domain_foreign': 'user',
  'account.password_invalid': 'password',
}

/** Somebody who is about to get a mailbox. A field complains once it was touched, or when adding was tried. */
export class NewPerson {
  readonly person: Person
  domain = $state('')
  busy = $state(false)
  #tried = $state(false)
  #touched = $state<Partial<Record<FieldName, boolean>>>({})
  #refused = $state.raw<{ error: ApiError; address: string; password: string }>()

  constructor(
    domain: string,
    locale: Locale,
    user: string,
    private readonly mode: Mode,
    private readonly taken: () => readonly string[],
    readonly storage: StorageDraft,
  ) {
    this.domain = domain
    this.person = new Person(user && user[0]!.toUpperCase() + user.slice(1), newPassword(locale))
    this.person.user = user
  }

  touch(field: FieldName): void {
    this.#touched = { ...this.#touched, [field]: true }
  }
  get address(): string {
    return `${this.person.user.toLowerCase()}@${this.domain}`
  }
  get nameError(): string | undefined {
    return this.#says('name') ? this.person.nameError : undefined
  }
  /** `exists` is what to say about an address that is taken. */
  userError(exists: (address: string) => string): string | undefined {
    if (!this.#says('user') && this.person.user === '') return undefined
    return this.person.userError ?? (this.#isTaken ? exists(this.address) : this.#refusal('user'))
  }
  get passwordError(): string | undefined {
    return (this.#says('password') ? this.person.passwordError(this.mode) : undefined) ?? this.#refusal('password')
  }
  /** What the engine said that belongs to no field. */
  get otherError(): ApiError | undefined {
    const error = this.#refused?.error
    return error && places[error.code] === undefined ? error : undefined
  }

  /** The address that was added; none when something is not right, which the fields then say. */
  async add(platform: Platform): Promise<string | undefined> {
    this.#tried = true
    const { person } = this
    if (person.nameError || person.userError || person.passwordError(this.mode) || this.storage.error || this.#isTaken)
      return undefined
    this.busy = true
    try {
      const { address } = this
      const displayName = person.displayName.trim()
      const storage = this.storage.wish
      const added = await platform.call('account.add', { address, displayName, password: person.password, storage })
      return added.address
    } catch (thrown) {
      this.#refused = { error: toApiError(thrown), address: this.address, password: person.password }
      return undefined
    } finally {
      this.busy = false
    }
  }

  get #isTaken(): boolean {
    return this.taken().includes(this.address)
  }
  #says(field: FieldName): boolean {
    return this.#tried || this.#touched[field] === true
  }
  /** Stands until what was refused is changed. */
  #refusal(field: FieldName): string | undefined {
    const refused = this.#refused
    if (!refused || places[refused.error.code] !== field) return undefined
    const same = field === 'user' ? refused.address === this.address : refused.password === this.person.password
    return same ? errorText(refused.error) : undefined
  }
}
