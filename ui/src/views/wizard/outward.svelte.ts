import type { Journey, QueueRecipient } from '$api'
import { m } from '$messages'
import { toApiError, type ApiError, type Platform } from '$platform'
import type { LiveState } from '$app/live.svelte'
import type { Correspondent } from './setup.svelte'

export type OutwardState = 'asking' | 'sending' | 'underway' | 'sent' | 'deferred' | 'failed'

/** How often the journey is looked at, whether or not the log says something. */
const lookMs = 1000

/** A message to somebody elsewhere, and its journey until another server has it, or says why not. */
export class Outward {
  to = $state('')
  state = $state<OutwardState>('asking')
  error = $state.raw<ApiError>()
  journey = $state.raw<Journey>()
  /** Whom it waits for and why, when it waits. */
  waiting = $state.raw<QueueRecipient>()
  queueId = $state<string>()
  #stop = () => undefined as void
  #looking = false

  constructor(
    private readonly platform: Platform,
    private readonly live: LiveState,
    private readonly from: Correspondent,
  ) {}

  get canSend(): boolean {
    return /^[^@\s]+@[^@\s]+$/.test(this.to.trim()) && this.state !== 'sending'
  }

  async send(): Promise<void> {
    this.close()
    this.state = 'sending'
    this.error = this.journey = this.waiting = undefined
    try {
      const { name, address } = this.from
      const draft = {
        to: [this.to.trim()],
        cc: [],
        bcc: [],
        subject: m['wizard.outward.subject'](),
        text: m['wizard.outward.text']({ from: name }),
        attachments: [],
        answers: null,
        forwards: null,
        savedAs: null,
      }
      const sent = await this.platform.call('mail.send', { account: address, draft })
      this.queueId = sent.queueId ?? undefined
      this.state = 'underway'
      this.#follow()
      await this.#look()
    } catch (thrown) {
      this.error = toApiError(thrown)
      this.state = 'failed'
    }
  }

  /** Stops following. */
  close(): void {
    this.#stop()
    this.#stop = () => undefined
  }

  #follow(): void {
    const timer = setInterval(() => void this.#look(), lookMs)
    const stop = this.live.on('log', ({ lines }) => {
      if (lines.some(({ queueId }) => queueId === this.queueId)) void this.#look()
    })
    this.#stop = () => {
      clearInterval(timer)
      stop()
    }
  }

  async #look(): Promise<void> {
    const { queueId } = this
    if (queueId === undefined || this.#looking) return
    this.#looking = true
    try {
      const journey = await this.platform.call('journey.get', { queueId })
      if (queueId !== this.queueId) return
      this.journey = journey
      this.state = stateOf(journey)
      if (this.state === 'deferred') await this.#askWhy(queueId)
      if (this.state === 'sent' || this.state === 'failed') this.close()
    } catch {
      // It may not be in the trace yet; the next look finds it.
    } finally {
      this.#looking = false
    }
  }

  async #askWhy(queueId: string): Promise<void> {
    try {
      const { recipients } = await this.platform.call('queue.get', { queueId })
      this.waiting = recipients.find(({ why }) => why !== null)
    } catch {
      // It left the queue in this moment; the journey tells how.
    }
  }
}

/** The last thing that happened to it counts: what was put off may be sent later. */
function stateOf({ steps }: Journey): OutwardState {
  const last = steps.findLast(({ kind }) => ['sent', 'delivered', 'deferred', 'failed'].includes(kind))?.kind
  if (last === 'sent' || last === 'delivered') return 'sent'
  return last === 'deferred' || last === 'failed' ? last : 'underway'
}
