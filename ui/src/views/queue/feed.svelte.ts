import type { QueueCounts, QueueRow, QueueState } from '$api'
import { toApiError, type ApiError, type Platform } from '$platform'

const pageSize = 200
/** How many rows are kept in memory; a search finds the others. */
export const kept = 10_000

export interface Wish {
  state: QueueState | undefined
  text: string | undefined
}
interface Page {
  after: string | undefined
  rows: readonly QueueRow[]
  next: string | null
}

/**
 * The queue in the order of its next tries, page by page. What happens meanwhile is asked for only where somebody looks:
 * with a hundred thousand messages each event would otherwise bring the whole queue again.
 */
export class QueueFeed {
  loaded = $state(false)
  error = $state.raw<ApiError>()
  counts = $state.raw<QueueCounts>()
  #pages = $state.raw<readonly Page[]>([])
  readonly rows = $derived(unique(this.#pages))
  #wish: Wish = { state: undefined, text: undefined }
  #round = 0
  #growing = false
  #refreshing = false

  constructor(private readonly platform: Platform) {}

  get isFull(): boolean {
    return this.rows.length >= kept && this.#pages.at(-1)?.next != null
  }

  async load(wish: Wish): Promise<void> {
    const round = ++this.#round
    this.#wish = wish
    this.#growing = this.#refreshing = false
    const page = await this.#ask(undefined, round)
    if (!page) return
    this.#pages = [page]
    this.loaded = true
  }

  async loadMore(): Promise<void> {
    const last = this.#pages.at(-1)
    if (this.#growing || last?.next == null || this.rows.length >= kept) return
    this.#growing = true
    const round = this.#round
    const page = await this.#ask(last.next, round)
    if (round !== this.#round) return
    this.#growing = false
    // The page before it may have been asked anew meanwhile, and end elsewhere.
    if (page && this.#pages.at(-1)?.next === page.after) this.#pages = [...this.#pages, page]
  }

  /** Asks again for the pages that hold these rows. */
  async refresh(first: number, end: number): Promise<void> {
    if (this.#refreshing || !this.loaded) return
    this.#refreshing = true
    const round = this.#round
    for (const place of this.#holding(first, end)) {
      const old = this.#pages[place]
      const page = old && (await this.#ask(old.after, round))
      if (round !== this.#round) return
      if (page) this.#replace(place, page)
    }
    this.#refreshing = false
  }

  #holding(first: number, end: number): number[] {
    let top = 0
    return this.#pages.flatMap(({ rows }, place) => {
      const begin = top
      top += rows.length
      return begin < Math.max(end, first + 1) && top > first ? [place] : []
    })
  }
  #replace(place: number, page: Page): void {
    const [before, after] = [this.#pages.slice(0, place), this.#pages.slice(place + 1)]
    // The next page begins where this one now ends; when this one is the last, there is no next.
    const rest = page.next === null ? [] : after.map((one, at) => (at === 0 ? { ...one, after: page.next! } : one))
    this.#pages = [...before, page, ...rest]
  }
  async #ask(after: string | undefined, round: number): Promise<Page | undefined> {
    try {
      const { state, text } = this.#wish
      const { rows, counts, next } = await this.platform.call('queue.list', { state, text, after, limit: pageSize })
      if (round !== this.#round) return undefined
      this.counts = counts
      this.error = undefined
      return { after, rows, next }
    } catch (thrown) {
      if (round === this.#round) this.error = toApiError(thrown)
      return undefined
    }
  }
}

/** A message that moved may be in the page it left, too; the first place counts. */
function unique(pages: readonly Page[]): readonly QueueRow[] {
  const seen = new Set<string>()
  return pages.flatMap(({ rows }) =>
    rows.filter(({ queueId }) => {
      if (seen.has(queueId)) return false
      seen.add(queueId)
      return true
    }),
  )
}
