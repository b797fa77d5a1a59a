import type { Event, Journey, JourneyStep, TestResult, TranscriptLine } from '$api'
import { m } from '$messages'
import { toApiError, type ApiError, type Platform } from '$platform'
import type { LiveState } from '$app/live.svelte'
import type { Correspondent, SetupDraft } from './setup.svelte'

export type TrialPhase = 'starting' | 'sending' | 'arrived' | 'failed'

/** The first start and the first message: applies the setup, sends from the one to the other, and follows the session while it goes on. */
export class Trial {
  phase = $state<TrialPhase>('starting')
  error = $state.raw<ApiError>()
  lines = $state.raw<readonly TranscriptLine[]>([])
  journey = $state.raw<Journey>()
  result = $state.raw<TestResult>()
  #applied = false

  constructor(
    private readonly platform: Platform,
    private readonly live: LiveState,
    private readonly draft: SetupDraft,
  ) {}

  /** The server is up, whatever became of the message. */
  get started(): boolean {
    return this.#applied
  }

  async run(): Promise<void> {
    this.error = undefined
    const stop = this.live.on('sessions', (event) => void this.#follow(event))
    try {
      if (!this.#applied) {
        this.phase = 'starting'
        const status = await this.platform.call('setup.apply', this.draft.toSetup())
        if (status.error) throw toApiError(status.error)
        this.#applied = true
      }
      this.phase = 'sending'
      const result = await this.platform.call('setup.test', testMessage(this.draft.pair))
      this.result = result
      const [session, journey] = await Promise.all([
        this.platform.call('session.get', { id: result.session, fromLine: 0 }),
        this.platform.call('journey.get', { queueId: result.queueId }),
      ])
      this.lines = session.lines
      this.journey = journey
      this.phase = 'arrived'
    } catch (thrown) {
      this.error = toApiError(thrown)
      this.phase = 'failed'
    } finally {
      stop()
    }
  }

  step(kind: JourneyStep['kind']): JourneyStep | undefined {
    return this.journey?.steps.find((step) => step.kind === kind)
  }

  /** Shows what was said so far in a session that hands mail in; the whole of it is asked for at the end. */
  async #follow({ sessions }: Extract<Event, { kind: 'sessions' }>): Promise<void> {
    const session = sessions.find(({ service }) => service === 'submission' || service === 'submissions')
    if (!session || this.phase !== 'sending') return
    try {
      const detail = await this.platform.call('session.get', { id: session.id, fromLine: 0 })
      if (this.phase === 'sending' && detail.lines.length > this.lines.length) this.lines = detail.lines
    } catch {
      // It may not be in the trace yet; the next event, or the end, brings it.
    }
  }
}

function testMessage([from, to]: [Correspondent, Correspondent]) {
  const names = { from: from.name, to: to.name }
  return {
    from: from.address,
    to: to.address,
    subject: m['wizard.test.subject'](names),
    text: m['wizard.test.text'](names),
  }
}
