import type { Commands, Error as WireError, Event, Folder, Message, MessageRow, Method, Params, Reply } from '$api'
import { ApiError } from '$platform'
import { journey } from './data/log'
import { bulk, emptyDraft, folders, mailAccounts, messageHtml, newcomer, spread, type Letter } from './data/mail'
import { partFile, partsOf, sourceOf } from './data/mime'
import { accounts } from './data/people'
import type { Queued } from './data/queue'
import { now } from './data/time'
import { later } from './fakeQueue'

type MailMethod = Extract<Method, `mail.${string}`>
type Answers = { [M in MailMethod]: (params: Params<M>) => Reply<M> }
interface Box {
  folder: Folder
  letters: Letter[]
}

/** The mail commands over made-up mailboxes. Each account has its own, and they change as real ones would. */
export class FakeMail {
  readonly accounts = mailAccounts.map((one) => ({ ...one }))
  readonly #boxes = new Map<string, Box[]>()
  readonly #emit: (event: Event) => void
  /** What is to be sent later goes into the queue. */
  readonly #hand: (waits: Queued) => void
  #uid = 100_000

  constructor(empty: boolean, emit: (event: Event) => void, hand: (waits: Queued) => void) {
    this.#emit = emit
    this.#hand = hand
    for (const { id } of this.accounts) {
      const boxes = folders.map((folder) => ({
        folder: { ...folder },
        letters: empty ? [] : [...spread(id, folder.name)],
      }))
      this.#boxes.set(id, empty ? boxes.filter(({ folder }) => folder.role !== null) : boxes)
    }
  }

  answer<M extends MailMethod>(method: M, params: Params<M>): Reply<M> {
    return (this.#answers[method] as (params: Params<M>) => Reply<M>)(params)
  }
  /** Somebody writes to luis. */
  deliver(): void {
    this.#box({ account: 'luis@lab.test', folder: 'INBOX' }).letters.unshift(newcomer(this.#uid++))
    this.#emit({ kind: 'mail', account: 'luis@lab.test', folder: 'INBOX', arrived: 1 })
  }

  readonly #answers: Answers = {
    'mail.accounts': () => this.accounts,
    'mail.account_add': ({ address, displayName, imap, submission, password }) => {
      if (password === 'wrong')
        return refuse('mail.login_refused', { host: imap.host, detail: '[AUTHENTICATIONFAILED]' })
      if (imap.host.endsWith('.invalid'))
        return refuse('mail.unreachable', { host: imap.host, port: String(imap.port), detail: 'no such name' })
      const added = {
        id: `external:${this.accounts.length}`,
        address,
        displayName: displayName || address,
        local: false,
        imap: `${imap.host}:${imap.port}`,
        submission: `${submission.host}:${submission.port}`,
      }
      this.accounts.push(added)
      this.#boxes.set(added.id, [{ folder: { ...folders[0]! }, letters: [] }])
      return added
    },
    'mail.account_remove': ({ account }) => {
      this.accounts.splice(
        this.accounts.findIndex(({ id }) => id === account),
        1,
      )
      return {}
    },
    'mail.folders': ({ account }) =>
      this.#of(account).map(({ folder, letters }) => ({
        ...folder,
        messages: letters.length,
        unseen: letters.filter(({ row }) => !row.flags.seen).length,
      })),
    'mail.folder_create': ({ account, folder }) => {
      this.#of(account).push({ folder: named(folder), letters: [] })
      return {}
    },
    'mail.folder_rename': ({ account, folder, to }) => {
      this.#box({ account, folder }).folder = named(to)
      return {}
    },
    'mail.folder_delete': ({ account, folder }) => {
      const boxes = this.#of(account)
      boxes.splice(boxes.indexOf(this.#box({ account, folder })), 1)
      return {}
    },
    'mail.list': ({ account, folder, text, unseen, flagged, offset, limit }) => {
      const { letters } = this.#box({ account, folder })
      const wanted = text?.toLowerCase()
      const found = letters.filter(
        ({ row }) =>
          (!wanted ||
            `${row.subject} ${row.preview} ${row.from?.name} ${row.from?.address}`.toLowerCase().includes(wanted)) &&
          (!unseen || !row.flags.seen) &&
          (!flagged || row.flags.flagged),
      )
      return {
        messages: found.slice(offset, offset + (limit || 100)).map(({ row }) => row),
        total: found.length,
        unseen: letters.filter(({ row }) => !row.flags.seen).length,
        uidValidity: 1,
      }
    },
    'mail.message': (ref) => message(this.#letter(ref)),
    'mail.html': ({ remote, ...ref }) => ({
      html: messageHtml(this.#letter(ref), remote),
      policy: "default-src 'none'; style-src 'unsafe-inline'",
    }),
    'mail.source': ({ offset, limit, ...ref }) => {
      const text = sourceOf(message(this.#letter(ref)))
      const end = Math.min(text.length, offset + (limit || 262_144))
      return { text: text.slice(offset, end), nextOffset: end < text.length ? end : null, octets: text.length }
    },
    'mail.part': ({ part, ...ref }) =>
      partFile(this.#letter(ref), part) ?? refuse('request.bad', { detail: 'the message has no such part' }),
    'mail.flag': ({ messages: refs, seen, flagged }) => {
      for (const letter of this.#box(refs).letters.filter(({ row }) => refs.uids.includes(row.uid))) {
        const { flags } = letter.row
        letter.row = { ...letter.row, flags: { ...flags, seen: seen ?? flags.seen, flagged: flagged ?? flags.flagged } }
      }
      return this.#changed(refs)
    },
    'mail.move': ({ messages: refs, to }) => {
      const uids = this.#file(this.#take(refs), { account: refs.account, folder: to })
      this.#changed(refs)
      return { uids }
    },
    'mail.delete': (refs) => {
      const taken = this.#take(refs)
      const uids = refs.folder === 'Trash' ? [] : this.#file(taken, { account: refs.account, folder: 'Trash' })
      this.#changed(refs)
      return { uids }
    },
    'mail.compose': ({ kind, attribution }) => {
      if (kind.kind === 'new') return emptyDraft
      const { row, text, cc, files = [] } = this.#letter(kind.message)
      const quoted = `\n\n${attribution ?? ''}\n${text.replace(/^/gm, '> ')}`
      const attachments = files.map(({ name, mediaType, base64 }) => ({ name, mediaType, base64 }))
      if (kind.kind === 'draft')
        return {
          ...emptyDraft,
          to: row.to.map(({ name, address }) => `${name} <${address}>`),
          subject: row.subject,
          text,
          attachments,
          savedAs: kind.message,
        }
      if (kind.kind === 'forward')
        return {
          ...emptyDraft,
          subject: `Fwd: ${row.subject}`,
          text: `\n\n${attribution ?? ''}\n\n${text}`,
          attachments,
          forwards: kind.message,
        }
      const all = kind.kind === 'replyAll' ? (cc ?? []) : []
      return {
        ...emptyDraft,
        to: [`${row.from?.name} <${row.from?.address}>`],
        cc: all.map(({ name, address }) => `${name} <${address}>`),
        subject: /^re:/i.test(row.subject) ? row.subject : `Re: ${row.subject}`,
        text: quoted,
        answers: kind.message,
      }
    },
    'mail.send': ({ account, draft, sendAt }) => {
      const to = [...draft.to, ...draft.cc, ...draft.bcc]
      if (to.length === 0) return refuse('mail.no_recipients', {})
      const refused = this.#answers
        ['mail.route']({ account, addresses: to })
        .find(({ route }) => route.kind !== 'mailbox' && route.kind !== 'otherServer')
      if (refused)
        return refuse('mail.refused', {
          reply: `550 5.1.1 <${refused.address ?? refused.typed}>: Recipient address rejected`,
        })
      if (draft.savedAs) this.#take({ ...draft.savedAs, uids: [draft.savedAs.uid] })
      const sent = { messageId: '5b1c.99@lab.test', reply: '250 2.0.0 Ok: queued as 4gFq2R0zXJ', queueId: '4gFq2R0zXJ' }
      if (sendAt === undefined) return sent
      const at = Date.parse(sendAt) * 1000
      const clock = Date.now() * 1000
      if (at <= clock) return refuse('mail.later_past', { time: sendAt })
      if (at > clock + 90 * 86_400e6) {
        const latest = new Date(clock / 1000 + 90 * 86_400e3).toISOString()
        return refuse('mail.later_too_far', { host: 'mail.lab.test', latest })
      }
      this.#hand(later(sent.queueId, account, draft.subject, to, at))
      return { ...sent, sendAt }
    },
    'mail.draft_save': ({ account, draft }) => {
      if (draft.savedAs) this.#take({ ...draft.savedAs, uids: [draft.savedAs.uid] })
      const uid = this.#uid++
      const row: MessageRow = {
        ...bulk(1)[0]!.row,
        uid,
        from: { name: '', address: account },
        to: draft.to.map((typed) => ({ name: '', address: typed })),
        subject: draft.subject,
        preview: draft.text.slice(0, 200),
        date: now,
        flags: { seen: true, answered: false, flagged: false, draft: true, forwarded: false },
      }
      this.#file([{ row, text: draft.text }], { account, folder: 'Drafts' })
      return { savedAs: { account, folder: 'Drafts', uid } }
    },
    'mail.route': ({ addresses }) =>
      addresses.map((typed) => {
        const address = /<(.+)>/.exec(typed)?.[1] ?? typed.trim()
        const [user, domain] = address.split('@')
        if (!user || !domain) return { typed, address: null, route: { kind: 'invalid' } }
        if (domain !== 'lab.test') return { typed, address, route: { kind: 'otherServer', domain, through: null } }
        const account = accounts.find((one) => one.address === address)
        if (!account) return { typed, address, route: { kind: 'unknownUser' } }
        return { typed, address, route: account.enabled ? { kind: 'mailbox', account: address } : { kind: 'disabled' } }
      }) as Commands['mail.route']['reply'],
    'mail.journey': (ref) => {
      const { queueId } = this.#letter(ref)
      return queueId === journey.queueId ? journey : refuse('journey.unknown', { queueId: queueId ?? '' })
    },
    'mail.watch': () => ({}),
  }

  #of(account: string): Box[] {
    return this.#boxes.get(account) ?? refuse('mail.account_unknown', { account })
  }
  #box({ account, folder }: { account: string; folder: string }): Box {
    return this.#of(account).find((one) => one.folder.name === folder) ?? refuse('mail.folder_unknown', { folder })
  }
  #letter({ account, folder, uid }: { account: string; folder: string; uid: number }): Letter {
    return this.#box({ account, folder }).letters.find(({ row }) => row.uid === uid) ?? refuse('mail.message_gone', {})
  }
  #take({ account, folder, uids }: Params<'mail.delete'>): Letter[] {
    const box = this.#box({ account, folder })
    const taken = box.letters.filter(({ row }) => uids.includes(row.uid))
    box.letters = box.letters.filter(({ row }) => !uids.includes(row.uid))
    return taken
  }
  #file(letters: readonly Letter[], to: { account: string; folder: string }): number[] {
    const fresh = letters.map((letter) => ({
      ...letter,
      row: { ...letter.row, uid: letter.row.flags.draft ? letter.row.uid : this.#uid++ },
    }))
    this.#box(to).letters.unshift(...fresh)
    this.#changed(to)
    return fresh.map(({ row }) => row.uid)
  }
  #changed({ account, folder }: { account: string; folder: string }): Record<string, never> {
    this.#emit({ kind: 'mail', account, folder, arrived: 0 })
    return {}
  }
}

function message(letter: Letter): Message {
  const { row, text, cc = [], headers = [], files = [], html, queueId = null } = letter
  return {
    row,
    to: row.to,
    cc,
    bcc: [],
    replyTo: [],
    messageId: `5b1c.${row.uid}@lab.test`,
    text,
    hasHtml: html !== undefined,
    hasRemote: html?.remote ?? false,
    attachments: files.map(({ part, name, mediaType, base64 }) => ({
      part,
      name,
      mediaType,
      octets: (base64.length / 4) * 3,
    })),
    headers,
    parts: partsOf(letter),
    queueId,
  }
}
function named(name: string): Folder {
  const steps = name.split('/')
  return {
    name,
    label: steps.at(-1) ?? name,
    depth: steps.length - 1,
    role: null,
    selectable: true,
    messages: 0,
    unseen: 0,
  }
}
function refuse(code: WireError['code'], params: Record<string, string>): never {
  throw new ApiError({ code, text: code, params })
}
