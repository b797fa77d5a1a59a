import type { LogFilter, LogLine } from '$api'
import { calm } from '$lib/calm'
import { toApiError, type ApiError, type Platform } from '$platform'
import { matches } from './filter'

/** How many lines are kept in memory. */
const kept = 20_000
const pageSize = 500
/** Lines that rush are shown in handfuls: nobody reads faster, and the window stays quick. */
const breathMs = 100

/** A line of the list, and how many lines before it went by too fast to be told. */
export interface Row {
  line: LogLine
  skipped: number
}

/** The log as one list: pages of older lines at its start, what happens now at its end. */
export class LogFeed {
  rows = $state.raw<readonly Row[]>([])
  /** While false, what comes waits. */
  following = $state(true)
  /** Lines that came while not following. */
  waiting = $state(0)
  /** There are older ones than the first row. */
  more = $state(false)
  /** The first answer has come. */
  loaded = $state(false)
  error = $state.raw<ApiError>()
  /** Host name of the file's lines. */
  host = $state('')

  readonly #platform: Platform
  #filter: LogFilter = { level: null, services: [], text: null, queueId: null, session: null }
  #pending: Row[] = []
  /** More waits than is kept: coming back asks for the newest page instead. */
  #overflown = false
  #skipped = 0
  #round = 0
  #asking = false
  #loading = false
  readonly #flush = calm(() => this.#showPending(), breathMs)

  constructor(platform: Platform) {
    this.#platform = platform
  }

  /** Asks for the newest lines that match. What was shown stays until they are there. */
  async load(filter: LogFilter): Promise<void> {
    this.#filter = filter
    const round = ++this.#round
    this.#asking = false
    this.#loading = true
    this.#pending = []
    this.#overflown = false
    this.waiting = 0
    try {
      const page = await this.#platform.call('log.list', { filter, before: null, after: null, limit: pageSize })
      if (round !== this.#round) return
      const last = page.lines.at(-1)?.id ?? -1
      // Lines that came by themselves while the page was on its way.
      const newer = this.#pending.filter(({ line }) => line.id > last)
      this.#pending = []
      this.waiting = 0
      this.rows = [...page.lines.map((line) => ({ line, skipped: 0 })), ...newer]
      this.more = page.more
      this.host = page.host
      this.error = undefined
      this.loaded = true
      this.following = true
    } catch (thrown) {
      if (round === this.#round) this.error = toApiError(thrown)
    } finally {
      if (round === this.#round) this.#loading = false
    }
  }

  /** The page before the first row. */
  async loadOlder(): Promise<void> {
    const first = this.rows[0]
    if (!this.more || this.#asking || !first || this.rows.length >= kept) return
    const round = this.#round
    this.#asking = true
    try {
      const ask = { filter: this.#filter, before: first.line.id, after: null, limit: pageSize }
      const page = await this.#platform.call('log.list', ask)
      if (round !== this.#round) return
      this.rows = [...page.lines.map((line) => ({ line, skipped: 0 })), ...this.rows]
      this.more = page.more
    } catch (thrown) {
      if (round === this.#round) this.error = toApiError(thrown)
    } finally {
      if (round === this.#round) this.#asking = false
    }
  }

  /** What the engine says by itself. */
  take(lines: readonly LogLine[], skipped: number): void {
    this.#skipped += skipped
    const last = this.#pending.at(-1)?.line.id ?? (this.#loading ? -1 : (this.rows.at(-1)?.line.id ?? -1))
    const fresh: Row[] = []
    for (const line of lines) {
      if (line.id <= last || !matches(this.#filter, line)) continue
      fresh.push({ line, skipped: this.#skipped })
      this.#skipped = 0
    }
    if (fresh.length === 0) return
    this.#pending.push(...fresh)
    if (this.following) {
      if (this.#pending.length > kept) this.#pending = this.#pending.slice(-kept)
      this.#flush.run()
      return
    }
    this.waiting = this.#overflown ? this.waiting + fresh.length : this.#pending.length
    this.#overflown = this.waiting > kept
    if (this.#overflown) this.#pending = []
  }
  /** Nothing more is shown: the view closes. */
  stop(): void {
    this.#flush.stop()
  }

  pause(): void {
    this.#showPending()
    this.following = false
  }
  follow(): void {
    this.following = true
    this.release()
  }
  /** Shows what waits, once following is on again. */
  release(): void {
    if (this.#overflown) void this.load(this.#filter)
    else this.#showPending()
  }

  #showPending(): void {
    if (!this.following || this.#loading || this.#pending.length === 0) return
    const pending = this.#pending
    this.#pending = []
    this.waiting = 0
    this.#append(pending)
  }
  #append(fresh: readonly Row[]): void {
    const all = [...this.rows, ...fresh]
    if (all.length > kept) {
      this.rows = all.slice(-kept)
      this.more = true
    } else this.rows = all
  }
}
