import type { Storage, StorageWish, SystemUsers } from '$api'
import type { Platform } from '$platform'
import { m } from '$messages'

/** Where mail can lie: in the folder of the server or with a user of the system, as one file or as a folder. */
export type Place = 'maildir' | 'mbox' | 'systemMbox' | 'systemMaildir'

export function placeOf(storage: Storage): Place {
  if (storage.systemUser === null) return storage.format
  return storage.format === 'mbox' ? 'systemMbox' : 'systemMaildir'
}

/** Where somebody's mail is to lie, while that is being chosen. */
export class StorageDraft {
  place = $state<Place>('maildir')
  /** Typed, or chosen from those the computer knows. */
  user = $state('')
  system = $state.raw<SystemUsers>()
  #start: Place

  constructor(platform: Platform, storage?: Storage, user = '') {
    this.#start = storage ? placeOf(storage) : 'maildir'
    this.place = this.#start
    this.user = storage?.systemUser ?? user
    // Without an answer the two places that always are there can still be chosen.
    void platform.call('account.system_users', {}).then(
      (answer) => (this.system = answer),
      () => undefined,
    )
  }

  get isSystem(): boolean {
    return this.place === 'systemMbox' || this.place === 'systemMaildir'
  }
  /** What cannot be had is not offered, but for what is there already. */
  get options(): { value: Place; label: string }[] {
    const labels: Record<Place, () => string> = {
      maildir: m['mailboxes.storage.maildir'],
      mbox: m['mailboxes.storage.mbox'],
      systemMbox: m['mailboxes.storage.system_mbox'],
      systemMaildir: m['mailboxes.storage.system_maildir'],
    }
    const system = this.system !== undefined && this.system.refusal === null
    return (Object.keys(labels) as Place[])
      .filter((place) => system || place === this.#start || !place.startsWith('system'))
      .map((value) => ({ value, label: labels[value]() }))
  }
  /** Where that is, as far as it can be said before the user is known. */
  get path(): string | undefined {
    const { system } = this
    const name = this.user.trim()
    if (!this.isSystem || !system || name === '') return undefined
    if (this.place === 'systemMbox') return `${system.mailSpoolDirectory.replace(/\/$/, '')}/${name}`
    const home = system.users.find((one) => one.name === name)?.home ?? `~${name}`
    return `${home}/${system.homeMailbox.replace(/\/$/, '')}`
  }
  get error(): string | undefined {
    return this.isSystem && this.user.trim() === '' ? m['mailboxes.storage.user.empty']() : undefined
  }
  get wish(): StorageWish {
    const format = this.place === 'mbox' || this.place === 'systemMbox' ? 'mbox' : 'maildir'
    return { format, systemUser: this.isSystem ? this.user.trim() : null }
  }
}
