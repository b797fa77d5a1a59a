import type { MessageRow, Params } from '$api'
import { toApiError, type ApiError, type Platform } from '$platform'

export type ListQuery = Pick<Params<'mail.list'>, 'account' | 'folder' | 'text' | 'unseen' | 'flagged'>

const pageSize = 100
/** The most the engine gives at once. */
const bigPage = 500

/** The messages of a folder that were loaded so far: always the newest ones, without a gap. */
export class MessageList {
  rows = $state.raw<readonly MessageRow[]>([])
  total = $state(0)
  unseen = $state(0)
  /** The first page was never there yet. */
  fresh = $state(true)
  error = $state.raw<ApiError>()
  readonly #platform: Platform
  #query: ListQuery | undefined
  #validity: number | undefined
  #round = 0
  #loadingMore = false

  constructor(platform: Platform) {
    this.#platform = platform
  }

  /** Shows another folder or another search. */
  async show(query: ListQuery): Promise<void> {
    this.#query = query
    this.rows = []
    this.total = 0
    this.unseen = 0
    this.fresh = true
    this.#validity = undefined
    await this.refresh()
  }

  /** Asks again for all that is loaded. What is on the screen stays until the answer is there. */
  async refresh(): Promise<void> {
    const round = ++this.#round
    this.#loadingMore = false
    const wanted = Math.max(this.rows.length, pageSize)
    try {
      let rows: MessageRow[] = []
      let total = 0
      do {
        const page = await this.#ask(rows.length, Math.min(wanted - rows.length, bigPage))
        if (round !== this.#round) return
        rows = joined(rows, page.messages)
        total = page.total
        this.unseen = page.unseen
        this.#validity = page.uidValidity
        if (page.messages.length === 0) break
      } while (rows.length < Math.min(wanted, total))
      this.rows = rows
      this.total = total
      this.fresh = false
      this.error = undefined
    } catch (thrown) {
      if (round === this.#round) this.error = toApiError(thrown)
    }
  }

  /** Loads the next page, when there is one. */
  async more(): Promise<void> {
    if (this.#loadingMore || this.fresh || this.error || this.rows.length >= this.total) return
    const round = this.#round
    this.#loadingMore = true
    try {
      const page = await this.#ask(this.rows.length, pageSize)
      if (round !== this.#round) return
      if (page.uidValidity !== this.#validity) return void this.refresh()
      this.rows = joined(this.rows, page.messages)
      this.total = page.messages.length === 0 ? this.rows.length : page.total
    } catch (thrown) {
      if (round === this.#round) this.error = toApiError(thrown)
    } finally {
      if (round === this.#round) this.#loadingMore = false
    }
  }

  row(uid: number | undefined): MessageRow | undefined {
    return uid === undefined ? undefined : this.rows.find((row) => row.uid === uid)
  }

  /** Shows changed flags before the server has said so. */
  patch(uids: ReadonlySet<number>, flags: Partial<MessageRow['flags']>): void {
    this.rows = this.rows.map((row) => (uids.has(row.uid) ? { ...row, flags: { ...row.flags, ...flags } } : row))
  }
  /** Takes messages off the list before the server has said so. */
  remove(uids: ReadonlySet<number>): void {
    const rows = this.rows.filter((row) => !uids.has(row.uid))
    this.total -= this.rows.length - rows.length
    this.rows = rows
  }

  #ask(offset: number, limit: number) {
    if (!this.#query) throw new Error('No folder is shown yet.')
    return this.#platform.call('mail.list', { ...this.#query, offset, limit })
  }
}

/** New mail shifts the pages while they are read: what is there already does not come twice. */
function joined(rows: readonly MessageRow[], more: readonly MessageRow[]): MessageRow[] {
  const known = new Set(rows.map(({ uid }) => uid))
  return [...rows, ...more.filter(({ uid }) => !known.has(uid))]
}
