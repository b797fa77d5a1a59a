import type { Event, QueueCounts, ServerStatus } from '$api'
import { toApiError, type ApiError, type Platform } from '$platform'

type Kind = Event['kind']
type EventOf<K extends Kind> = Extract<Event, { kind: K }>
type Listener = (event: Event) => void

/** When the page is hidden no frame is drawn, and events must not pile up. */
const hiddenMs = 250

/** What the engine is doing now. Fed by its events, handed on once per frame. */
export class LiveState {
  /** None until the first answer, and when even that failed: see `error`. */
  status = $state.raw<ServerStatus>()
  error = $state.raw<ApiError>()
  /** The line to the engine. */
  linked = $state(true)
  /** Microseconds, ticks each minute: the `now` of relative times. */
  minute = $state(Date.now() * 1000)
  /** Grows when what is shown must be asked anew: events were lost, the line was mended, the server came up. */
  epoch = $state(0)
  /** Unread messages in all mailboxes of this server. */
  unread = $state(0)
  /** Messages in the queue; none until it was asked for. */
  queue = $state.raw<QueueCounts>()

  readonly #platform: Platform
  readonly #listeners = new Map<Kind, Set<Listener>>()
  #waiting: Event[] = []
  #scheduled = false

  constructor(platform: Platform) {
    this.#platform = platform
  }

  /** Begins to follow the engine, until the answer is called. */
  start(): () => void {
    let wasDown = false
    const stopEvents = this.#platform.events({
      batch: (events) => this.#take(events),
      link: (up) => {
        this.linked = up
        if (up && wasDown) void this.refresh()
        wasDown = !up
      },
      resync: () => void this.refresh(),
    })
    const stopStatus = this.on('status', ({ status }) => this.#setStatus(status))
    const stopAccounts = this.on('accounts', () => void this.#countUnread())
    const stopQueue = this.on('queue', ({ counts }) => (this.queue = counts))
    const ticking = setInterval(() => (this.minute = Date.now() * 1000), 60_000)
    return () => {
      stopEvents()
      stopStatus()
      stopAccounts()
      stopQueue()
      clearInterval(ticking)
    }
  }

  async refresh(): Promise<void> {
    this.epoch += 1
    try {
      this.#setStatus(await this.#platform.call('server.status', {}))
      await Promise.all([this.#countUnread(), this.#countQueue()])
    } catch (thrown) {
      this.error = toApiError(thrown)
    }
  }

  /** Calls back on each event of a kind, until the answer is called. In a view: `$effect(() => live.on('log', …))`. */
  on<K extends Kind>(kind: K, listen: (event: EventOf<K>) => void): () => void {
    const set = this.#listeners.get(kind) ?? new Set()
    this.#listeners.set(kind, set)
    const listener: Listener = (event) => listen(event as EventOf<K>)
    set.add(listener)
    return () => set.delete(listener)
  }

  #setStatus(status: ServerStatus): void {
    const cameUp = status.phase === 'running' && this.status !== undefined && this.status.phase !== 'running'
    this.status = status
    this.error = undefined
    if (!cameUp) return
    this.epoch += 1
    void this.#countUnread()
    void this.#countQueue()
  }
  async #countQueue(): Promise<void> {
    if (this.status?.phase !== 'running') return
    try {
      this.queue = (await this.#platform.call('queue.list', { limit: 1 })).counts
    } catch {
      // As with the unread: the view of the queue says what is wrong.
      this.queue = undefined
    }
  }
  async #countUnread(): Promise<void> {
    if (this.status?.phase !== 'running') return
    try {
      const accounts = await this.#platform.call('account.list', {})
      this.unread = accounts.reduce((sum, account) => sum + account.unseen, 0)
    } catch {
      // The number is a courtesy; the view that lists the accounts says what is wrong.
      this.unread = 0
    }
  }
  #take(batch: readonly Event[]): void {
    this.#waiting.push(...batch)
    if (this.#scheduled) return
    this.#scheduled = true
    if (document.hidden) setTimeout(() => this.#dispatch(), hiddenMs)
    else requestAnimationFrame(() => this.#dispatch())
  }
  #dispatch(): void {
    const batch = this.#waiting
    this.#waiting = []
    this.#scheduled = false
    for (const event of batch) for (const listener of this.#listeners.get(event.kind) ?? []) listener(event)
  }
}
