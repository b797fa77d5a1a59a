import { createContext } from 'svelte'
import type { FolderRole, MessageRef, MessageRow, Sent } from '$api'
import type { App } from '$app/context'
import type { Route } from '$app/router.svelte'
import { errorText } from '$lib/errors'
import { m } from '$messages'
import { toApiError } from '$platform'
import { MailAccounts } from './accounts.svelte'
import { Composition } from './composition.svelte'
import { MessageList } from './messageList.svelte'
import { Reading } from './reading.svelte'
import { batchSize, moveBack, type Way } from './moveBack'

export type MailRoute = Extract<Route, { view: 'mail' }>
export type Filter = 'all' | 'unseen' | 'flagged'

const placeKey = 'postigo.mail.place'

/** Everything the Mail view knows and can do. Which folder and message are open is in the route. */
export class MailState {
  readonly accounts: MailAccounts
  readonly list: MessageList
  readonly reading: Reading
  account = $state<string>()
  folder = $state<string>()
  uid = $state<number>()
  /** Where the keys of the list stand: the open message, or the last one picked. */
  cursor = $state<number>()
  filter = $state<Filter>('all')
  search = $state('')
  /** Several messages that one action is for; the open one alone is not in here. */
  chosen = $state.raw<ReadonlySet<number>>(new Set())
  /** How many came while the list was scrolled away from its start. */
  arrived = $state(0)
  atStart = $state(true)
  /** For a reader of the screen: what just happened. */
  announcement = $state('')
  composition = $state.raw<Composition>()
  /** What the server answered to the last message sent, until something else is opened. */
  sent = $state.raw<Sent>()
  /** What that message was written as. */
  #letter: Composition | undefined
  readonly #app: App
  #anchor: number | undefined
  /** Marked unread by hand while it is open: it stays so. */
  #keptUnread: number | undefined

  constructor(app: App) {
    this.#app = app
    this.accounts = new MailAccounts(app.platform)
    this.list = new MessageList(app.platform)
    this.reading = new Reading(app.platform)
  }

  readonly role = $derived.by(() => this.accounts.folder(this.account, this.folder)?.role ?? null)
  readonly openRow = $derived.by(() => this.list.row(this.uid) ?? this.reading.message.data?.row)
  /** What an action is for: the chosen messages, else the open one. */
  readonly targets = $derived.by((): readonly MessageRow[] => {
    if (this.chosen.size > 0) return this.list.rows.filter(({ uid }) => this.chosen.has(uid))
    return this.openRow ? [this.openRow] : []
  })

  // ── Where ──────────────────────────────────────────────────────────────

  /** Follows the route. Without a folder it goes where the reader was last, or to the first inbox. */
  go(route: MailRoute): void {
    const { account, folder, uid } = route
    if (account === undefined || folder === undefined) return void this.#goSomewhere(account)
    if (account !== this.account || folder !== this.folder) this.#openFolder(account, folder)
    if (uid !== this.uid || this.reading.ref === undefined) this.#openMessage(uid)
  }
  async #goSomewhere(account: string | undefined): Promise<void> {
    if (!this.accounts.list) await this.accounts.refresh()
    // The reader may have gone to another view or into a folder meanwhile; that one is not to be taken away.
    const { route: now } = this.#app.router
    if (now.view !== 'mail' || now.folder !== undefined) return
    const known = this.accounts.list ?? []
    const last = lastPlace()
    const place = known.some(({ id }) => id === last?.account) && account === undefined ? last : undefined
    const id = place?.account ?? known.find((one) => one.id === account)?.id ?? known[0]?.id
    if (id === undefined) return
    this.#app.router.replace({ view: 'mail', account: id, folder: place?.folder ?? 'INBOX' })
  }
  #openFolder(account: string, folder: string): void {
    this.account = account
    this.folder = folder
    this.search = ''
    this.filter = 'all'
    this.chosen = new Set()
    this.arrived = 0
    this.uid = undefined
    sessionStorage.setItem(placeKey, JSON.stringify({ account, folder }))
    void this.accounts.refreshFolders(account)
    this.reload()
  }
  #openMessage(uid: number | undefined): void {
    this.uid = uid
    this.cursor = uid
    this.#keptUnread = undefined
    this.#anchor = uid
    if (uid !== undefined) this.sent = undefined
    this.reading.open(this.#ref(uid))
  }
  #ref(uid: number | undefined): MessageRef | undefined {
    const { account, folder } = this
    return account === undefined || folder === undefined || uid === undefined ? undefined : { account, folder, uid }
  }

  /** Shows the folder with the search and the filter as they are now. */
  reload(): void {
    const { account, folder, search, filter } = this
    if (account === undefined || folder === undefined) return
    const text = search.trim() === '' ? null : search.trim()
    void this.list.show({ account, folder, text, unseen: filter === 'unseen', flagged: filter === 'flagged' })
  }
  /** Events were lost, or the server came back: everything is asked anew, and what is open stays. */
  refresh(): void {
    void this.accounts.refresh()
    if (this.account !== undefined) void this.accounts.refreshFolders(this.account)
    if (this.folder !== undefined) void this.list.refresh()
    if (this.reading.message.error) this.reading.retry()
  }

  select(uid: number | undefined): void {
    const { account, folder } = this
    if (account === undefined || folder === undefined) return
    this.chosen = new Set()
    this.sent = undefined
    this.cursor = uid
    this.#app.router.replace({ view: 'mail', account, folder, uid })
  }
  /** The next message of the list, or the one before. */
  step(by: 1 | -1): void {
    const at = this.list.rows.findIndex(({ uid }) => uid === this.cursor)
    const next = this.list.rows[at < 0 ? 0 : at + by]
    if (next) this.select(next.uid)
  }
  /** As lists of files do it: Ctrl adds one, Shift adds a range, neither opens. */
  pick(uid: number, { ctrl, shift }: { ctrl: boolean; shift: boolean }): void {
    if (!ctrl && !shift) return this.select(uid)
    this.cursor = uid
    if (shift) {
      this.chosen = new Set(this.#between(this.#anchor ?? uid, uid))
      return
    }
    const chosen = new Set(this.chosen.size === 0 && this.uid !== undefined ? [this.uid] : this.chosen)
    if (!chosen.delete(uid)) chosen.add(uid)
    this.#anchor = uid
    this.chosen = chosen
  }
  #between(from: number, to: number): number[] {
    const uids = this.list.rows.map(({ uid }) => uid)
    const ends = [uids.indexOf(from), uids.indexOf(to)].filter((at) => at >= 0)
    return uids.slice(Math.min(...ends), Math.max(...ends) + 1)
  }
  chooseAll(): void {
    this.chosen = new Set(this.list.rows.map(({ uid }) => uid))
  }

  // ── What happens by itself ─────────────────────────────────────────────

  changed(account: string, folder: string, arrived: number): void {
    this.accounts.changed(account)
    if (account !== this.account || folder !== this.folder) return
    if (arrived > 0) {
      if (!this.atStart) this.arrived += arrived
      this.announcement = m['mail.list.announce']({ count: arrived })
    }
    void this.list.refresh()
  }
  /** An open message counts as read, unless the reader said otherwise. */
  markOpened(): void {
    const row = this.openRow
    if (!row || row.flags.seen || row.uid === this.#keptUnread || !this.reading.message.data) return
    void this.#flag([row], { seen: true })
  }

  // ── Actions ────────────────────────────────────────────────────────────

  toggleStar(): void {
    const rows = this.targets
    void this.#flag(rows, { flagged: !rows.every(({ flags }) => flags.flagged) })
  }
  toggleSeen(): void {
    const rows = this.targets
    const seen = !rows.every(({ flags }) => flags.seen)
    this.#keptUnread = seen ? undefined : this.uid
    void this.#flag(rows, { seen })
  }
  async #flag(rows: readonly MessageRow[], change: { seen?: boolean; flagged?: boolean }): Promise<void> {
    const uids = new Set(rows.map(({ uid }) => uid))
    this.list.patch(uids, change)
    this.reading.patch(uids, change)
    const flags = { seen: change.seen ?? null, flagged: change.flagged ?? null }
    await this.#each(rows, (messages) => this.#app.platform.call('mail.flag', { messages, ...flags }))
  }

  /** Into the folder an account keeps for this, if it has one. */
  moveToRole(role: FolderRole): void {
    const to = this.account === undefined ? undefined : this.accounts.withRole(this.account, role)
    if (to && to.name !== this.folder) void this.move(to.name)
    else if (!to) this.#app.toasts.show(m['mail.toast.no_folder']())
  }
  async move(to: string): Promise<void> {
    const { account, folder } = this
    const rows = this.#takeAway()
    if (account === undefined || folder === undefined || rows.length === 0) return
    const uids: number[] = []
    const done = await this.#each(rows, async (messages) => {
      uids.push(...(await this.#app.platform.call('mail.move', { messages, to })).uids)
    })
    if (done) this.#offerUndo(m['mail.toast.moved']({ count: rows.length }), uids, { account, from: to, to: folder })
  }
  /** To the trash; out of the trash, for good: the view asks first. */
  async delete(): Promise<void> {
    const { account, folder, role } = this
    const rows = this.#takeAway()
    if (account === undefined || folder === undefined || rows.length === 0) return
    const uids: number[] = []
    const done = await this.#each(rows, async (messages) => {
      uids.push(...(await this.#app.platform.call('mail.delete', messages)).uids)
    })
    const trash = this.accounts.withRole(account, 'trash')
    if (!done || role === 'trash' || !trash) return
    this.#offerUndo(m['mail.toast.deleted']({ count: rows.length }), uids, { account, from: trash.name, to: folder })
  }
  /** Says what was done. A server that does not tell where the messages are now leaves nothing to bring back. */
  #offerUndo(text: string, uids: readonly number[], way: Way): void {
    this.#app.toasts.show(text, uids.length > 0 ? () => void this.#undo(uids, way) : undefined)
  }
  async #undo(uids: readonly number[], way: Way): Promise<void> {
    try {
      const missing = uids.length - (await moveBack(this.#app.platform, uids, way))
      if (missing > 0) this.#app.toasts.show(m['mail.toast.undo_missing']({ count: missing }))
    } catch (thrown) {
      this.#say(thrown)
    }
    this.changed(way.account, way.to, 0)
  }
  /** Takes the targets off the list and opens what comes after them. */
  #takeAway(): readonly MessageRow[] {
    const rows = this.targets
    const gone = new Set(rows.map(({ uid }) => uid))
    const last = this.list.rows.findLastIndex(({ uid }) => gone.has(uid))
    const stays = (row: MessageRow) => !gone.has(row.uid)
    const next = this.list.rows.slice(last + 1).find(stays) ?? this.list.rows.slice(0, last).findLast(stays)
    this.list.remove(gone)
    this.chosen = new Set()
    if (this.uid !== undefined && gone.has(this.uid)) this.select(next?.uid)
    return rows
  }

  /** Sends a command for rows of the open folder, in pieces the engine takes. Says what went wrong and shows what is true. */
  async #each(
    rows: readonly MessageRow[],
    command: (messages: { account: string; folder: string; uids: number[] }) => Promise<unknown>,
  ): Promise<boolean> {
    const { account, folder } = this
    if (account === undefined || folder === undefined) return false
    try {
      for (let from = 0; from < rows.length; from += batchSize) {
        await command({ account, folder, uids: rows.slice(from, from + batchSize).map(({ uid }) => uid) })
      }
      this.accounts.changed(account)
      return true
    } catch (thrown) {
      this.#say(thrown)
      void this.list.refresh()
      return false
    }
  }
  #say(thrown: unknown): void {
    this.#app.toasts.show(errorText(toApiError(thrown)).replaceAll('`', ''))
  }

  // ── Writing ────────────────────────────────────────────────────────────

  compose(to = ''): void {
    void this.#write({ kind: 'new' }, to)
  }
  answer(kind: 'reply' | 'replyAll' | 'forward' | 'draft'): void {
    const message = this.#ref(this.openRow?.uid)
    if (message) void this.#write({ kind, message })
  }
  async #write(kind: Parameters<Composition['begin']>[1], to = ''): Promise<void> {
    // Whoever comes here to write, from a link or from the overview, may be earlier than the list of accounts.
    if (this.account === undefined && !this.accounts.list) await this.accounts.refresh()
    const account = this.account ?? this.accounts.list?.[0]?.id
    if (account === undefined) return
    await this.composition?.keep()
    const composition = new Composition(this.#app.platform)
    this.sent = undefined
    this.composition = composition
    await composition.begin(account, kind, { row: this.openRow, to })
  }
  /** Closes what is being written; it lies under Drafts. */
  async keepDraft(): Promise<void> {
    if (await this.composition?.keep()) this.composition = undefined
  }
  async discardDraft(): Promise<void> {
    const discarded = this.composition
    this.composition = undefined
    if (!discarded || discarded.isEmpty) return
    this.#app.toasts.show(m['mail.compose.discarded'](), () => (this.composition = discarded))
    await discarded.discard()
  }
  async send(force = false): Promise<void> {
    const composition = this.composition
    const sent = await composition?.send(force)
    if (!sent || this.composition !== composition) return
    this.#letter = composition
    this.composition = undefined
    this.sent = sent
    this.announcement = sent.sendAt === undefined ? m['mail.sent.title']() : m['mail.sent.later.title']()
  }
  /** Takes what waits for its time out of the queue, and opens it again as it was written. */
  async takeBack({ queueId }: Sent): Promise<void> {
    if (queueId === null) return
    try {
      await this.#app.platform.call('queue.act', { action: 'delete', queueIds: [queueId] })
    } catch (thrown) {
      this.#app.toasts.show(errorText(toApiError(thrown)).replaceAll('`', ''))
      return
    }
    this.sent = undefined
    this.#letter?.reopen()
    this.composition = this.#letter
    this.#letter = undefined
    this.#app.toasts.show(m['mail.sent.later.taken']())
  }
}

function lastPlace(): { account: string; folder: string } | undefined {
  try {
    const place = JSON.parse(sessionStorage.getItem(placeKey) ?? 'null') as { account: string; folder: string } | null
    return typeof place?.account === 'string' && typeof place.folder === 'string' ? place : undefined
  } catch {
    return undefined
  }
}

export const [getMail, setMail] = createContext<MailState>()
