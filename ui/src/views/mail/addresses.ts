/** Recipients as people type and paste them (RFC 5322 §3.4, as far as a person means it). */
import type { Person } from '$api'

export interface Recipient {
  /** What the engine gets: `Ana Robles <ana@lab.test>` or the bare address. */
  typed: string
  /** Empty when none was given. */
  name: string
  /** As typed when it is none. */
  address: string
}

/** Takes typed text apart at commas, semicolons and line ends that stand outside of quotation marks and angle brackets. */
export function splitRecipients(text: string): string[] {
  const found: string[] = []
  let part = ''
  let quoted = false
  let inAngle = false
  for (const sign of text) {
    if (sign === '"') quoted = !quoted
    else if (!quoted && sign === '<') inAngle = true
    else if (sign === '>') inAngle = false
    const divides = /[\r\n]/.test(sign) || (!quoted && !inAngle && /[,;]/.test(sign))
    if (divides) {
      quoted = inAngle = false
      found.push(part)
      part = ''
    } else part += sign
  }
  found.push(part)
  return found.map(tidy).filter((one) => one !== '')
}

/** Controls, and signs that turn the direction of writing, have no place in an address. */
export function tidy(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ').trim()
}

/** One recipient of typed text. What is no address stays as it is, so that the field can say so. */
export function recipientOf(text: string): Recipient {
  const typed = tidy(text)
  const open = typed.lastIndexOf('<')
  if (open < 0 || !typed.endsWith('>')) return { typed, name: '', address: typed.replace(/^mailto:/i, '') }
  const address = typed.slice(open + 1, -1).trim()
  const name = unquoted(typed.slice(0, open).trim())
  return { typed: typedAs(name, address), name, address }
}

export function recipientOfPerson({ name, address }: Person): Recipient {
  return { typed: typedAs(name, address), name, address }
}

/** RFC 5322 §3.2.4: a name with signs that mean something in a header stands in quotation marks. */
function typedAs(name: string, address: string): string {
  if (name === '') return address
  const plain = /^[\p{L}\p{N} !#$%&'*+/=?^_`{|}~-]+$/u.test(name)
  return `${plain ? name : `"${name.replace(/["\\]/g, '\\$&')}"`} <${address}>`
}
function unquoted(text: string): string {
  if (!/^".*"$/.test(text)) return text
  return text.slice(1, -1).replace(/\\(.)/g, '$1')
}

/** Good enough to ask the engine about; whether it exists, the engine says. */
export function looksLikeAddress(text: string): boolean {
  return /^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(text) && text.length <= 320
}

/** What a person is called in a list. */
export function shortName({ name, address }: Pick<Person, 'name' | 'address'>): string {
  return name.trim() || address
}
