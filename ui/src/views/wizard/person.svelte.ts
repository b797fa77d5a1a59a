import { m } from '$messages'
import type { Mode, SetupUser } from '$api'

/** One of the two people, while they are typed. */
export class Person {
  displayName = $state('')
  user = $state('')
  password = $state('')
  /** Nobody typed the password: it is one of ours, of four words. */
  made = $state(true)

  constructor(displayName: string, password: string) {
    this.displayName = displayName
    this.user = displayName.toLowerCase()
    this.password = password
  }

  /** A new name brings a user name with it, as long as that was not typed. */
  rename(name: string): void {
    if (this.user === userName(this.displayName)) this.user = userName(name)
    this.displayName = name
  }
  get nameError(): string | undefined {
    return this.displayName.trim() === '' ? m['wizard.people.name.empty']() : undefined
  }
  /** The engine's own rule; it says so again, but only after all was typed. */
  get userError(): string | undefined {
    const good =
      /^[a-z0-9_][a-z0-9_.+=-]{0,63}$/i.test(this.user) && !this.user.includes('..') && !this.user.endsWith('.')
    return good ? undefined : m['error.account.name_invalid']()
  }
  passwordError(mode: Mode): string | undefined {
    if (this.password === '') return m['wizard.people.password.empty']()
    return this.isShort && mode !== 'lab' ? m['wizard.people.password.short']() : undefined
  }
  get isShort(): boolean {
    return [...this.password].length < 8
  }
  toSetup(): SetupUser {
    return { user: this.user.toLowerCase(), displayName: this.displayName.trim(), password: this.password }
  }
}

function userName(name: string): string {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  return /^[a-z0-9]+/.exec(plain)?.[0] ?? ''
}
