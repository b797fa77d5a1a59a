import type { Session, TranscriptLine } from '$api'
import { toApiError, type ApiError, type Platform } from '$platform'

/** How often an open session is asked for new lines. */
const everyMs = 400

/** One session and all that was said in it, for as long as it goes on. */
export class SessionFollower {
  session = $state.raw<Session>()
  lines = $state.raw<readonly TranscriptLine[]>([])
  truncated = $state(false)
  error = $state.raw<ApiError>()
  /** The place of the line that arrived last while it was looked at. */
  arrived = $state<number>()

  readonly #platform: Platform
  readonly #id: number

  constructor(platform: Platform, id: number) {
    this.#platform = platform
    this.#id = id
  }

  /** Asks now, and again until the session ends or the answer is called. */
  start(): () => void {
    let stopped = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async () => {
      await this.#ask(() => stopped)
      if (!stopped && this.session?.closed === null && !this.error) timer = setTimeout(() => void ask(), everyMs)
    }
    void ask()
    return () => {
      stopped = true
      clearTimeout(timer)
    }
  }

  async #ask(isStopped: () => boolean): Promise<void> {
    const fromLine = this.lines.length
    try {
      const detail = await this.#platform.call('session.get', { id: this.#id, fromLine })
      if (isStopped()) return
      if (detail.lines.length > 0) {
        const isFirst = this.session === undefined
        this.lines = [...this.lines.slice(0, detail.fromLine), ...detail.lines]
        if (!isFirst) this.arrived = this.lines.length - 1
      }
      this.session = detail.session
      this.truncated = detail.truncated
      this.error = undefined
    } catch (thrown) {
      if (!isStopped()) this.error = toApiError(thrown)
    }
  }
}
