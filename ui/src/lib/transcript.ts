import { SECRET } from '$api'

/** A line of the wire, taken apart for its colours: the reply code, the rest, and secrets as dots. */
export interface WireText {
  /** Three digits of an SMTP reply, or OK/NO/BAD of IMAP. */
  code: string
  pieces: { text: string; secret: boolean }[]
  /** `2`–`5`, for the colour of the code; IMAP's OK counts as 2, NO and BAD as 5. */
  severity?: '2' | '3' | '4' | '5'
}

const smtp = /^(([2-5])\d\d)(?=[ -]|$)/
const imap = /^(\S+ )(OK|NO|BAD|BYE|PREAUTH)\b/

export function wireText(text: string, fromServer: boolean): WireText {
  if (fromServer) {
    const reply = smtp.exec(text)
    if (reply) {
      const [code = '', , severity] = reply
      return { code, severity: severity as WireText['severity'], pieces: split(text.slice(code.length)) }
    }
    const tagged = imap.exec(text)
    if (tagged) {
      const [code = '', , word] = tagged
      const severity = word === 'NO' || word === 'BAD' ? '5' : '2'
      return { code, severity, pieces: split(text.slice(code.length)) }
    }
  }
  return { code: '', pieces: split(text) }
}

function split(text: string): WireText['pieces'] {
  return text
    .split(SECRET)
    .flatMap((piece, place) => [
      ...(place > 0 ? [{ text: SECRET, secret: true }] : []),
      ...(piece ? [{ text: piece, secret: false }] : []),
    ])
}
