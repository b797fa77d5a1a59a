import type { Journey, Message, MessageRef } from '$api'
import { Query } from '$lib/query.svelte'
import type { Platform } from '$platform'

export type Tab = 'message' | 'journey' | 'headers' | 'parts' | 'source'

/** The message in the reading pane. */
export class Reading {
  ref = $state.raw<MessageRef>()
  tab = $state<Tab>('message')
  /** The reader asked for what the HTML refers to on the network. For this message, and until it is left. */
  remote = $state(false)
  /** The reader prefers the text where there is HTML. */
  plain = $state(false)
  readonly message: Query<Message>
  readonly journey: Query<Journey>

  constructor(platform: Platform) {
    const ask = () => this.ref ?? Promise.reject(new Error('No message is open.'))
    this.message = new Query(async () => platform.call('mail.message', await ask()))
    this.journey = new Query(async () => platform.call('mail.journey', await ask()))
  }

  open(ref: MessageRef | undefined): void {
    this.ref = ref
    this.remote = false
    this.plain = false
    this.message.clear()
    this.journey.clear()
    if (ref) void this.#load(ref)
  }
  /** Once more after a failure. */
  retry(): void {
    if (this.ref) void this.#load(this.ref)
  }

  /** Shows changed flags before the server has said so. */
  patch(uids: ReadonlySet<number>, flags: Partial<Message['row']['flags']>): void {
    const shown = this.message.data
    if (!shown || !uids.has(shown.row.uid)) return
    this.message.data = { ...shown, row: { ...shown.row, flags: { ...shown.row.flags, ...flags } } }
  }

  async #load(ref: MessageRef): Promise<void> {
    await this.message.refresh()
    // Only what came through this server has a journey here.
    if (this.ref === ref && this.message.data?.queueId != null) await this.journey.refresh()
  }
}
