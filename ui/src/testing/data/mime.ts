import type { File, Message, MimePart } from '$api'
import type { Letter } from './mail'

function leaf(part: string, mediaType: string, octets: number, more: Partial<MimePart> = {}): MimePart {
  return {
    part,
    mediaType,
    charset: null,
    encoding: null,
    disposition: null,
    name: null,
    octets,
    children: [],
    ...more,
  }
}
function holder(part: string, mediaType: string, children: MimePart[]): MimePart {
  const octets = children.reduce((sum, child) => sum + child.octets, 0) + 120 * children.length
  return leaf(part, mediaType, octets, { children })
}

/** multipart/mixed ( multipart/alternative ( plain, html ), files ), as far as there is something to hold. */
export function partsOf({ text, html, files = [] }: Letter): MimePart {
  const body = (at: string): MimePart => {
    const plain = (part: string) =>
      leaf(part, 'text/plain', text.length, { charset: 'utf-8', encoding: 'quoted-printable' })
    if (!html) return plain(at || '1')
    const sub = (place: number) => (at ? `${at}.${place}` : String(place))
    return holder(at, 'multipart/alternative', [
      plain(sub(1)),
      leaf(sub(2), 'text/html', html.body.length, { charset: 'utf-8', encoding: 'quoted-printable' }),
    ])
  }
  if (files.length === 0) return body('')
  const attached = files.map(({ part, name, mediaType, base64 }) =>
    leaf(part, mediaType, base64.length, { encoding: 'base64', disposition: 'attachment', name }),
  )
  return holder('', 'multipart/mixed', [body('1'), ...attached])
}

export function partFile({ text, html, files = [] }: Letter, part: string): File | undefined {
  const encode = (words: string) => btoa(String.fromCharCode(...new TextEncoder().encode(words)))
  if (part === '') return { name: 'message.eml', mediaType: 'message/rfc822', base64: encode(text) }
  const file = files.find((one) => one.part === part)
  if (file) return { name: file.name, mediaType: file.mediaType, base64: file.base64 }
  if (html && part.endsWith('2')) return { name: 'message.html', mediaType: 'text/html', base64: encode(html.body) }
  return part.startsWith('1') ? { name: 'message.txt', mediaType: 'text/plain', base64: encode(text) } : undefined
}

export function sourceOf({ headers, text, parts, attachments }: Message): string {
  const head = headers.map(({ name, value, raw }) => `${name}: ${raw ?? value}`)
  const body = attachments.length === 0 ? [text] : ['--=_postigo', 'Content-Type: text/plain; charset=utf-8', '', text]
  const files = attachments.flatMap(({ name, mediaType, octets }) => [
    '--=_postigo',
    `Content-Type: ${mediaType}; name="${name}"`,
    'Content-Transfer-Encoding: base64',
    '',
    ...Array.from(
      { length: Math.ceil(octets / 57) },
      () => 'JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDMgMCBSL0ZpbHRlci9GbGF0',
    ),
  ])
  return [...head, `Content-Type: ${parts.mediaType}`, '', ...body, ...files, ''].join('\r\n').replace(/\r?\n/g, '\r\n')
}
