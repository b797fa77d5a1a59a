import type { Account } from '$api'
import { looksLikeAddress, recipientOf, splitRecipients, type Recipient } from './addresses'
import type { Composition, RecipientField } from './composition.svelte'

const suggestionLimit = 6

/** What is typed in a field of recipients, and who it might mean. */
export class RecipientInput {
  text = $state('')
  /** The suggestion the arrow keys stand on. */
  active = $state(-1)
  /** Escape closed the suggestions of this text. */
  dismissed = $state(false)
  known = $state.raw<readonly Account[]>([])
  readonly #composition: Composition
  readonly #field: RecipientField

  constructor(composition: Composition, field: RecipientField) {
    this.#composition = composition
    this.#field = field
  }

  readonly suggestions = $derived.by((): readonly Account[] => {
    const typed = plain(this.text.trim())
    if (typed === '' || this.dismissed) return []
    const taken = new Set(this.#composition.recipients.map(({ address }) => address.toLowerCase()))
    return this.known
      .filter((one) => one.enabled && !taken.has(one.address.toLowerCase()))
      .filter((one) => [one.address, ...one.displayName.split(/\s+/)].some((word) => plain(word).startsWith(typed)))
      .slice(0, suggestionLimit)
  })

  /** Typed text becomes a recipient at a comma, a semicolon or a line end; pasted lists become several. */
  type(text: string): void {
    this.dismissed = false
    this.active = -1
    if (!/[,;\r\n]/.test(text)) {
      this.text = text
      return
    }
    const parts = splitRecipients(text)
    // What stands after the last divider may not be finished yet.
    const open = /[,;\r\n]\s*$/.test(text) || parts.length === 1 ? undefined : parts.pop()
    if (open === undefined && !/[,;\r\n]\s*$/.test(text)) {
      this.text = text
      return
    }
    const finished = open === undefined || !looksLikeAddress(recipientOf(open).address) ? parts : [...parts, open]
    this.#add(finished.map(recipientOf))
    this.text = finished.length === parts.length ? (open ?? '') : ''
  }
  /** What is typed becomes recipients as it is; a bad one is shown as such. */
  commit(): boolean {
    const parts = splitRecipients(this.text)
    this.text = ''
    this.#add(parts.map(recipientOf))
    return parts.length > 0
  }
  take({ address, displayName }: Account): void {
    this.text = ''
    this.active = -1
    this.#add([recipientOf(displayName ? `"${displayName.replace(/["\\]/g, '\\$&')}" <${address}>` : address)])
  }
  remove(place: number): void {
    this.#set(this.#composition[this.#field].filter((_, at) => at !== place))
  }
  /** Takes the last recipient back into the text, to be changed. */
  reopen(): void {
    const last = this.#composition[this.#field].at(-1)
    if (!last) return
    this.remove(this.#composition[this.#field].length - 1)
    this.text = last.typed
    this.dismissed = true
  }
  step(by: 1 | -1): void {
    const count = this.suggestions.length
    if (count > 0) this.active = (this.active + by + (this.active < 0 && by < 0 ? 1 : 0) + count) % count
  }

  #add(recipients: readonly Recipient[]): void {
    const here = this.#composition[this.#field]
    const known = new Set(here.map(({ address }) => address.toLowerCase()))
    const fresh = recipients.filter(({ address }) => !known.has(address.toLowerCase()))
    if (fresh.length > 0) this.#set([...here, ...fresh])
  }
  #set(recipients: readonly Recipient[]): void {
    this.#composition[this.#field] = recipients
  }
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()
}
