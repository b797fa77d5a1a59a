import type { Compose, Draft, File as MailFile, MessageRef, MessageRow, RouteAnswer, Sent } from '$api'
import { formatFull } from '$lib/format'
import { m } from '$messages'
import { toApiError, type ApiError, type Platform } from '$platform'
import { recipientOf, shortName, type Recipient } from './addresses'
import { decodedSize, encodedSize, toBase64 } from './bytes'
import { openingOf, type Opening } from './mailto'
import { isHopeless } from './routes'

export type RecipientField = 'to' | 'cc' | 'bcc'
export const recipientFields: readonly RecipientField[] = ['to', 'cc', 'bcc']

/** The kind as the API wants it, without the wrapping of the account. */
type Beginning = Compose['kind']

/** A message being written. */
export class Composition {
  account = $state('')
  to = $state.raw<readonly Recipient[]>([])
  cc = $state.raw<readonly Recipient[]>([])
  bcc = $state.raw<readonly Recipient[]>([])
  subject = $state('')
  text = $state('')
  attachments = $state.raw<readonly MailFile[]>([])
  kind = $state.raw<Beginning['kind']>('new')
  ready = $state(false)
  /** What the engine says of each address typed. */
  routes = $state.raw<Readonly<Record<string, RouteAnswer>>>({})
  savedAt = $state<number>()
  saving = $state(false)
  sending = $state(false)
  error = $state.raw<ApiError>()
  /** When it is to be sent; undefined: at once. */
  sendAt = $state.raw<Date>()
  /** Sending was tried: what is missing may be said now. */
  tried = $state(false)
  #answers: MessageRef | null = null
  #forwards: MessageRef | null = null
  #savedAs: MessageRef | null = null
  #dirty = false
  #working: Promise<unknown> = Promise.resolve()
  #closed = false
  readonly #platform: Platform

  constructor(platform: Platform) {
    this.#platform = platform
  }

  readonly recipients = $derived.by(() => [...this.to, ...this.cc, ...this.bcc])
  /** Recipients the server will refuse. */
  readonly hopeless = $derived.by(() =>
    this.recipients.filter(({ typed }) => {
      const answer = this.routes[typed]
      return answer !== undefined && isHopeless(answer)
    }),
  )
  /** Octets of the message as it will be handed in, near enough for a limit of megabytes. */
  readonly octets = $derived.by(
    () =>
      new TextEncoder().encode(this.text).length +
      this.attachments.reduce((sum, { base64 }) => sum + encodedSize(decodedSize(base64)), 0),
  )

  get isEmpty(): boolean {
    return this.recipients.length === 0 && this.subject === '' && this.text === '' && this.attachments.length === 0
  }

  /** Fills in what the kind asks for. `to` are addresses, or a `mailto:` link. */
  async begin(account: string, kind: Beginning, { row, to }: { row?: MessageRow; to?: string } = {}): Promise<void> {
    this.account = account
    this.kind = kind.kind
    try {
      const attribution = kind.kind === 'new' || kind.kind === 'draft' ? null : attributionOf(kind.kind, row)
      this.#fill(await this.#platform.call('mail.compose', { account, kind, attribution }))
      if (to) this.#open(openingOf(to))
      this.ready = true
    } catch (thrown) {
      this.error = toApiError(thrown)
    }
  }
  #fill(draft: Draft): void {
    this.to = draft.to.map(recipientOf)
    this.cc = draft.cc.map(recipientOf)
    this.bcc = draft.bcc.map(recipientOf)
    this.subject = draft.subject
    this.text = draft.text
    this.attachments = draft.attachments
    this.#answers = draft.answers
    this.#forwards = draft.forwards
    this.#savedAs = draft.savedAs
  }

  #open({ to, cc, subject, text }: Opening): void {
    this.to = [...this.to, ...to.map(recipientOf)]
    this.cc = [...this.cc, ...cc.map(recipientOf)]
    this.subject ||= subject
    this.text = text + this.text
  }

  /** Something was written: there is something to save. */
  touch(): void {
    this.#dirty = true
  }

  /** Asks where mail to those recipients would go that were not asked about yet. */
  async askRoutes(): Promise<void> {
    const addresses = this.recipients.map(({ typed }) => typed).filter((typed) => !(typed in this.routes))
    if (addresses.length === 0) return
    const account = this.account
    try {
      const answers = await this.#platform.call('mail.route', { account, addresses: addresses.slice(0, 100) })
      if (account !== this.account) return
      this.routes = { ...this.routes, ...Object.fromEntries(answers.map((answer) => [answer.typed, answer])) }
    } catch (thrown) {
      this.error = toApiError(thrown)
    }
  }
  /** Another sender: other ways. */
  forgetRoutes(): void {
    this.routes = {}
  }

  async attach(files: readonly File[]): Promise<void> {
    for (const file of files) {
      const base64 = toBase64(new Uint8Array(await file.arrayBuffer()))
      const mediaType = file.type || 'application/octet-stream'
      this.attachments = [...this.attachments, { name: file.name, mediaType, base64 }]
    }
  }
  detach(place: number): void {
    this.attachments = this.attachments.filter((_, at) => at !== place)
  }

  /** Saves what changed since the last time. False when that failed; the error says why. */
  async save(): Promise<boolean> {
    const before = this.#working
    const done = before.then(() => this.#save())
    this.#working = done.catch(() => undefined)
    return done
  }
  async #save(): Promise<boolean> {
    if (!this.#dirty || this.#closed || this.isEmpty) return true
    this.#dirty = false
    this.saving = true
    try {
      const { savedAs } = await this.#platform.call('mail.draft_save', this.#outgoing())
      this.#savedAs = savedAs
      this.savedAt = Date.now() * 1000
      this.error = undefined
      return true
    } catch (thrown) {
      this.#dirty = true
      this.error = toApiError(thrown)
      return false
    } finally {
      this.saving = false
    }
  }
  /** Saves and lets go. */
  async keep(): Promise<boolean> {
    return this.save()
  }
  /** Takes the saved draft away, too. It can be brought back by saving once more. */
  async discard(): Promise<void> {
    await this.#working
    const saved = this.#savedAs
    if (!saved) return
    this.#savedAs = null
    this.#dirty = true
    await this.#platform.call('mail.delete', { account: saved.account, folder: saved.folder, uids: [saved.uid] }).catch(
      // The draft stays where it is, under Drafts, where it can be seen and deleted.
      () => undefined,
    )
  }

  /** Hands it in. Undefined when it did not go; the error or the recipients say why. */
  async send(force: boolean): Promise<Sent | undefined> {
    this.tried = true
    if (this.sending || this.recipients.length === 0) return undefined
    if (this.hopeless.length > 0 && !force) return undefined
    this.sending = true
    try {
      await this.#working
      const sendAt = this.sendAt?.toISOString()
      const sent = await this.#platform.call('mail.send', { ...this.#outgoing(), sendAt })
      this.#closed = true
      return sent
    } catch (thrown) {
      this.error = toApiError(thrown)
      return undefined
    } finally {
      this.sending = false
    }
  }

  /** It did not go out after all: it is written on, and its text is to be saved again. */
  reopen(): void {
    this.#closed = false
    this.#savedAs = null
    this.#dirty = true
    this.tried = false
  }

  #outgoing() {
    const list = (recipients: readonly Recipient[]) => recipients.map(({ typed }) => typed)
    const draft: Draft = {
      to: list(this.to),
      cc: list(this.cc),
      bcc: list(this.bcc),
      subject: this.subject,
      text: this.text,
      attachments: [...this.attachments],
      answers: this.#answers,
      forwards: this.#forwards,
      savedAs: this.#savedAs,
    }
    return { account: this.account, draft }
  }
}

/** The line before quoted text. */
function attributionOf(kind: 'reply' | 'replyAll' | 'forward', row: MessageRow | undefined): string {
  if (kind === 'forward') return m['mail.compose.forwarded']()
  const name = row?.from ? shortName(row.from) : '—'
  return m['mail.compose.attribution']({ name, date: row ? formatFull(row.date) : '—' })
}
