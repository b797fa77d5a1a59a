import type { Session, SessionQuery } from '$api'
import { toApiError, type ApiError, type Platform } from '$platform'
import { matches, merge } from './merge'

const pageSize = 200
/** How many sessions are kept in memory. */
const kept = 10_000

/** Sessions, newest first: pages of older ones at the end, what happens now at the start. */
export class SessionFeed {
  sessions = $state.raw<readonly Session[]>([])
  more = $state(false)
  loaded = $state(false)
  error = $state.raw<ApiError>()

  readonly #platform: Platform
  #query: SessionQuery = { services: [], refused: false, text: null, before: null, limit: pageSize }
  #news: Session[] = []
  #loading = false
  #round = 0

  constructor(platform: Platform) {
    this.#platform = platform
  }

  async load(wish: Pick<SessionQuery, 'services' | 'refused' | 'text'>): Promise<void> {
    const round = ++this.#round
    this.#query = { ...wish, before: null, limit: pageSize }
    this.#loading = true
    this.#news = []
    try {
      const page = await this.#platform.call('session.list', this.#query)
      if (round !== this.#round) return
      this.sessions = merge(page.sessions, this.#news)
      this.more = page.more
      this.error = undefined
      this.loaded = true
    } catch (thrown) {
      if (round === this.#round) this.error = toApiError(thrown)
    } finally {
      if (round === this.#round) this.#loading = false
    }
  }

  async loadOlder(): Promise<void> {
    const last = this.sessions.at(-1)
    if (!this.more || this.#loading || !last || this.sessions.length >= kept) return
    const round = this.#round
    this.#loading = true
    this.#news = []
    try {
      const page = await this.#platform.call('session.list', { ...this.#query, before: last.id })
      if (round !== this.#round) return
      this.sessions = merge([...this.sessions, ...page.sessions], this.#news)
      this.more = page.more
    } catch (thrown) {
      if (round === this.#round) this.error = toApiError(thrown)
    } finally {
      if (round === this.#round) this.#loading = false
    }
  }

  /** What the engine says by itself. Answers how many are new. */
  take(news: readonly Session[]): number {
    const known = new Set(this.sessions.map(({ id }) => id))
    const oldest = this.sessions.at(-1)?.id ?? 0
    const mine = news.filter(
      (one) => known.has(one.id) || ((!this.more || one.id > oldest) && matches(this.#query, one)),
    )
    if (mine.length === 0) return 0
    // An answer on its way may be older than this.
    if (this.#loading) this.#news.push(...mine)
    this.sessions = merge(this.sessions, mine).slice(0, kept)
    return mine.filter(({ id }) => !known.has(id)).length
  }
}
