import type { Session, TranscriptLine } from '$api'
import { m } from '$messages'
import { explain, type Context, type Note, type Rule } from './explain/rule'
import { imapClient, imapServer } from './explain/imap'
import { smtpClient, smtpServer } from './explain/smtp'
import { isImap } from './words'

export type PhaseName =
  'greeting' | 'encryption' | 'password' | 'envelope' | 'content' | 'folders' | 'reading' | 'waiting' | 'goodbye'

export interface AnnotatedLine {
  line: TranscriptLine
  /** Its place in the whole transcript. */
  place: number
  note: Note | undefined
}
export interface Phase {
  name: PhaseName
  lines: readonly AnnotatedLine[]
  /** Microseconds until the next phase began, or until its own last line. */
  took: number
}

/** A transcript in phases, each line with what it means. */
export function annotate(session: Session, lines: readonly TranscriptLine[]): Phase[] {
  const reader = isImap(session.service) ? new ImapReader(session) : new SmtpReader(session)
  const read = lines.map((line, place) => {
    const note = reader.note(line)
    return { line, place, note, phase: reader.phase, leads: reader.leads }
  })
  joinLeads(read)
  const phases: { name: PhaseName; lines: AnnotatedLine[]; took: number }[] = []
  for (const { line, place, note, phase } of read) {
    const last = phases.at(-1)
    if (last?.name === phase) last.lines.push({ line, place, note })
    else phases.push({ name: phase, lines: [{ line, place, note }], took: 0 })
  }
  phases.forEach(sayOnce)
  phases.forEach((phase, place) => {
    const start = phase.lines[0]!.line.after
    const end = phases[place + 1]?.lines[0] ?? phase.lines.at(-1)!
    phase.took = end.line.after - start
  })
  return phases
}

/** A list of a hundred folders is explained at its first line. What was refused is explained each time. */
function sayOnce({ lines }: { lines: AnnotatedLine[] }): void {
  const told = new Set<string>()
  for (const one of lines) {
    if (one.note === undefined || isRefusal(one.line.said)) continue
    if (told.has(one.note.words)) one.note = undefined
    else told.add(one.note.words)
  }
}
function isRefusal(said: TranscriptLine['said']): boolean {
  return said.kind === 'server' && /^(?:[45]\d\d|\S+ (?:NO|BAD))\b/.test(said.text)
}

/** What is said under TLS before the next real step belongs to that step. */
function joinLeads(read: { phase: PhaseName; leads: boolean }[]): void {
  let next: PhaseName | undefined
  for (const one of read.toReversed()) {
    if (one.leads) one.phase = next ?? 'greeting'
    else next = one.phase
  }
}

abstract class Reader {
  phase: PhaseName = 'greeting'
  /** What is said now only leads to the next phase: the second greeting, under TLS. */
  leads = false
  protected context: Context
  protected abstract readonly client: readonly Rule[]
  protected abstract readonly server: readonly Rule[]

  constructor(session: Session) {
    this.context = { session, encrypted: false, hellos: 0, answers: undefined, proving: false }
  }

  note({ said }: TranscriptLine): Note | undefined {
    switch (said.kind) {
      case 'tls':
        this.move('encryption')
        this.context.encrypted = true
        return undefined
      case 'tlsFailed':
        this.move('encryption')
        return undefined
      case 'closed':
        this.move('goodbye')
        return undefined
      case 'found':
        return undefined
      case 'content':
        return this.content(said.from_client)
      case 'client':
        return this.clientSays(said.text)
      case 'server':
        return this.serverSays(said.text)
    }
  }
  protected abstract clientSays(text: string): Note | undefined
  protected abstract serverSays(text: string): Note | undefined
  protected abstract content(fromClient: boolean): Note | undefined
  protected move(to: PhaseName | undefined): void {
    if (to === undefined) {
      this.leads ||= this.phase === 'encryption'
      return
    }
    this.phase = to
    this.leads = false
  }
}

const smtpPhases: Record<string, PhaseName> = {
  STARTTLS: 'encryption',
  AUTH: 'password',
  MAIL: 'envelope',
  RCPT: 'envelope',
  DATA: 'content',
  QUIT: 'goodbye',
}

class SmtpReader extends Reader {
  protected readonly client = smtpClient
  protected readonly server = smtpServer
  /** Commands that no reply has ended yet: several, with PIPELINING. */
  #pending: string[] = []

  protected clientSays(text: string): Note | undefined {
    if (this.context.proving) return explain(this.client, text, this.context)
    const verb = /^[A-Za-z]+/.exec(text)?.[0].toUpperCase() ?? ''
    const isHello = verb === 'EHLO' || verb === 'HELO'
    this.move(smtpPhases[verb])
    this.#pending.push(verb)
    const note = explain(this.client, text, this.context)
    if (isHello) this.context.hellos += 1
    return note
  }
  protected serverSays(text: string): Note | undefined {
    const [answers] = this.#pending
    this.context.answers = answers
    if (this.#pending.length === 0 && this.context.hellos === 0) this.move('greeting')
    const note = explain(this.server, text, this.context)
    const isLast = text[3] !== '-'
    this.context.proving = answers === 'AUTH' && text.startsWith('334')
    if (isLast && !/^3/.test(text)) this.#pending.shift()
    const endsList = isLast && answers === 'EHLO' && note !== undefined && /^250 [A-Z0-9]+(?: |$)/.test(text)
    return endsList ? { ...note, words: `${note.words} ${m['sessions.smtp.list_ends']()}` } : note
  }
  protected content(): Note {
    return { words: m['sessions.smtp.content'](), rfc: 'RFC 5321 §4.5.2' }
  }
}

const imapPhases: Record<string, PhaseName> = {
  STARTTLS: 'encryption',
  AUTHENTICATE: 'password',
  LOGIN: 'password',
  NAMESPACE: 'folders',
  LIST: 'folders',
  LSUB: 'folders',
  STATUS: 'folders',
  CREATE: 'folders',
  DELETE: 'folders',
  RENAME: 'folders',
  SUBSCRIBE: 'folders',
  UNSUBSCRIBE: 'folders',
  SELECT: 'folders',
  EXAMINE: 'folders',
  CLOSE: 'folders',
  UNSELECT: 'folders',
  FETCH: 'reading',
  SEARCH: 'reading',
  STORE: 'reading',
  COPY: 'reading',
  MOVE: 'reading',
  EXPUNGE: 'reading',
  APPEND: 'reading',
  CHECK: 'reading',
  IDLE: 'waiting',
  LOGOUT: 'goodbye',
}

class ImapReader extends Reader {
  protected readonly client = imapClient
  protected readonly server = imapServer
  /** Tag → command, of those without an answer yet. */
  #pending = new Map<string, string>()
  /** A literal was announced: what follows it is the rest of the same command. */
  #inCommand = false

  protected clientSays(text: string): Note | undefined {
    const isRest = this.#inCommand
    this.#inCommand = /\{\d+\+?\}$/.test(text)
    if (isRest) return undefined
    if (this.context.proving) return explain(this.client, text, this.context)
    const [, tag = '', verb = ''] = /^(\S+) (?:UID )?([A-Za-z]+)/i.exec(text) ?? []
    this.move(imapPhases[verb.toUpperCase()])
    if (tag) this.#pending.set(tag, verb.toUpperCase())
    return explain(this.client, text, this.context)
  }
  protected serverSays(text: string): Note | undefined {
    if (this.context.session.service === 'imaps' && this.phase === 'encryption') this.move('greeting')
    const tag = /^\S+/.exec(text)?.[0] ?? ''
    const answers = this.#pending.get(tag)
    this.context.answers = answers
    if (answers !== undefined) {
      this.#pending.delete(tag)
      this.context.proving = false
      this.#inCommand = false
    } else if (tag === '+' && [...this.#pending.values()].includes('AUTHENTICATE')) this.context.proving = true
    return explain(this.server, text, this.context)
  }
  protected content(fromClient: boolean): Note {
    return fromClient
      ? { words: m['sessions.imap.content.client']() }
      : { words: m['sessions.imap.content.server'](), rfc: 'RFC 3501 §4.3' }
  }
}

export function phaseName(name: PhaseName): string {
  switch (name) {
    case 'greeting':
      return m['sessions.phase.greeting']()
    case 'encryption':
      return m['sessions.phase.encryption']()
    case 'password':
      return m['sessions.phase.password']()
    case 'envelope':
      return m['sessions.phase.envelope']()
    case 'content':
      return m['sessions.phase.content']()
    case 'folders':
      return m['sessions.phase.folders']()
    case 'reading':
      return m['sessions.phase.reading']()
    case 'waiting':
      return m['sessions.phase.waiting']()
    case 'goodbye':
      return m['sessions.phase.goodbye']()
  }
}
