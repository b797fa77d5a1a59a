import { splitRecipients, tidy } from './addresses'

/** What a message begins with that is written from a link. */
export interface Opening {
  to: readonly string[]
  cc: readonly string[]
  subject: string
  text: string
}

const most = 100

/**
 * The opening that an address or a `mailto:` link asks for (RFC 6068). Only fields that the writer sees before sending count:
 * a link that could name a Bcc or a file would send more than one thinks (§7).
 */
export function openingOf(wish: string): Opening {
  if (!/^mailto:/i.test(wish)) return { to: splitRecipients(wish), cc: [], subject: '', text: '' }
  const [path = '', ...rest] = wish.slice('mailto:'.length).split('?')
  const opening = { to: addresses(path), cc: [] as string[], subject: '', text: '' }
  for (const field of rest.join('?').split('&')) {
    const [name = '', ...parts] = field.split('=')
    const value = parts.join('=')
    switch (decoded(name).toLowerCase()) {
      case 'to':
        opening.to.push(...addresses(value))
        break
      case 'cc':
        opening.cc.push(...addresses(value))
        break
      case 'subject':
        opening.subject = tidy(decoded(value))
        break
      case 'body':
        opening.text = decoded(value).replace(/\r\n?/g, '\n')
        break
    }
  }
  return { ...opening, to: opening.to.slice(0, most), cc: opening.cc.slice(0, most) }
}

/** A comma between addresses is written as it is, one inside of an address is encoded (§2). */
function addresses(text: string): string[] {
  return text.split(',').map(decoded).map(tidy).filter(Boolean)
}
/** A plus is a plus here, unlike in a form (§5). */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
