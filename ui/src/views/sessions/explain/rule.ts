import type { Session } from '$api'

/** What is known when a line is said. */
export interface Context {
  session: Session
  encrypted: boolean
  /** How often EHLO or HELO was said before. */
  hellos: number
  /** The command that a reply of the server answers, in capitals; none for what it says by itself. */
  answers: string | undefined
  /** The client is in the middle of showing its password. */
  proving: boolean
}

/** One form of a line and what it means. The first rule that fits explains the line. */
export interface Rule {
  pattern: RegExp
  /** Only where this holds. */
  when?: (context: Context) => boolean
  /** In plain words; may carry the marks of rich.ts. */
  say: (match: RegExpExecArray, context: Context) => string
  /** Where it is written: `RFC 5321 §4.1.1.1`. */
  rfc?: string
  /** It fits whatever has no better explanation. */
  vague?: true
}

export interface Note {
  words: string
  rfc?: string
  vague?: true
}

export function explain(rules: readonly Rule[], text: string, context: Context): Note | undefined {
  for (const { pattern, when, say, rfc, vague } of rules) {
    const match = pattern.exec(text)
    if (match && (when?.(context) ?? true)) return { words: say(match, context), rfc, vague }
  }
  return undefined
}
