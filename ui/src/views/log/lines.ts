import type { LogLine } from '$api'

/** A log line taken apart for its colours. The text of all pieces together is the line's own text. */
export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'queueId'; text: string }
  | { kind: 'key'; text: string }
  | { kind: 'value'; text: string }
  | { kind: 'status'; text: string; well: boolean }

export interface Parts {
  /** `key=value` in the order of the line. The first of a name wins: what a peer made up comes after what we wrote. */
  values: ReadonlyMap<string, string>
  pieces: readonly Piece[]
}

/** A key stands at the start of a word. Its value ends at the bracket it began with, else at a comma or a space. */
const pair = /(^|[\s;,])([a-z][a-z_-]*)=(<[^>]*>|[^,\s]*)/g

export function parts(line: LogLine): Parts {
  const values = new Map<string, string>()
  const pieces: Piece[] = []
  let text = line.text
  if (line.queueId !== null && text.startsWith(`${line.queueId}: `)) {
    pieces.push({ kind: 'queueId', text: line.queueId })
    text = text.slice(line.queueId.length)
  }
  let end = 0
  const words = (upTo: number) => {
    if (upTo > end) pieces.push({ kind: 'text', text: text.slice(end, upTo) })
  }
  for (const match of text.matchAll(pair)) {
    const [whole, before = '', name = '', value = ''] = match
    words(match.index + before.length)
    end = match.index + whole.length
    pieces.push({ kind: 'key', text: `${name}=` })
    if (name === 'status') pieces.push({ kind: 'status', text: value, well: value === 'sent' })
    else if (value !== '') pieces.push({ kind: 'value', text: value })
    if (!values.has(name)) values.set(name, value.replace(/^<(.*)>$/, '$1'))
  }
  words(text.length)
  return { values, pieces }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The line as it stands in the file: `Nov 24 10:41:07 mail postigo/smtpd[48]: …`. */
export function wholeLine(line: LogLine, host: string): string {
  const at = new Date(line.at / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')
  const day = `${months[at.getMonth()]} ${String(at.getDate()).padStart(2)}`
  return `${day} ${clock} ${host} postigo/${line.service}[${line.pid}]: ${line.text}`
}

/** The command that would find the same line on a server with Postfix and Dovecot, ready for a shell. */
export function postfixCommand(line: LogLine): string {
  const unit = line.service === 'imap' ? 'dovecot' : 'postfix*'
  const wanted = line.queueId ?? peerOf(line.text) ?? line.text.slice(0, 40)
  return `journalctl -u ${quoted(unit)} | grep -F ${quoted(wanted)}`
}
/** `unknown[127.0.0.66]`, or the address after `rip=`. */
function peerOf(text: string): string | undefined {
  return /\bfrom (\S+\[[0-9A-Fa-f.:]+\])/.exec(text)?.[1] ?? /\brip=[0-9A-Fa-f.:]+/.exec(text)?.[0]
}
/** Strangers' words reach this command: anything but plain letters is put in single quotes. */
function quoted(text: string): string {
  return /^[\w./=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
