/**
 * The plain text of a message, taken apart for reading: paragraphs, quoted text, the signature, links.
 * The text is a stranger's, up to 1 MiB: every step takes time in proportion to its length, and nothing becomes markup.
 */

export type Block =
  | { kind: 'text'; text: string }
  | { kind: 'signature'; text: string }
  /** One level of `>` taken off. `lines` is how many lines it had; `fold` whether it begins closed. */
  | { kind: 'quote'; blocks: Block[]; lines: number; fold: boolean }

export type Inline =
  | { kind: 'text'; text: string }
  /** `href` is what the address really is, punycode included; `text` is as written. */
  | { kind: 'link'; text: string; href: string }
  | { kind: 'address'; text: string; address: string }

/** Deeper quotes are shown as they are written. */
const quoteDepth = 5
/** Quotes of so many lines stand open: folding them would save nothing. */
const shortQuote = 3
/** Longer ones are no address anybody means to open. */
const linkLength = 2048

const quoted = /^ ?>/
const strip = /^ ?> ?/

/** Takes a text apart. A message that is nothing but a quote is not folded. */
export function blocksOf(text: string): Block[] {
  const lines = text.replace(/\r\n?/g, '\n').replace(/\s+$/, '').split('\n')
  const foldable = lines.some((line) => line.trim() !== '' && !quoted.test(line))
  return blocks(lines, 0, foldable)
}

function blocks(lines: readonly string[], depth: number, foldable: boolean): Block[] {
  const found: Block[] = []
  let from = 0
  while (from < lines.length) {
    const isQuote = depth < quoteDepth && quoted.test(lines[from]!)
    let to = from + 1
    while (to < lines.length && belongs(lines, to, isQuote, depth)) to += 1
    const part = lines.slice(from, to)
    if (isQuote) {
      const inner = part.map((line) => line.replace(strip, ''))
      const fold = foldable && depth === 0 && part.length > shortQuote
      found.push({ kind: 'quote', blocks: blocks(inner, depth + 1, false), lines: part.length, fold })
    } else if (part[0] === '-- ') {
      // RFC 3676 §4.3: the line that begins a signature. It goes on to the end.
      found.push({ kind: 'signature', text: lines.slice(from + 1).join('\n') })
      return found
    } else if (part[0] !== '') found.push({ kind: 'text', text: part.join('\n') })
    from = to
  }
  return found
}

/** Whether a line goes on with what the line before it began. */
function belongs(lines: readonly string[], at: number, isQuote: boolean, depth: number): boolean {
  const line = lines[at]!
  if (isQuote) return quoted.test(line)
  if (lines[at - 1] === '' || line === '' || line === '-- ' || lines[at - 1] === '-- ') return false
  return depth >= quoteDepth || !quoted.test(line)
}

// What may not be part of a link: spaces, quotation marks, and signs that are invisible or turn the direction of writing.
const mark =
  /\b(?:https?:\/\/|mailto:)[^\s<>"“”«»\u0000-\u001f\u007f\u200b-\u200f\u2028-\u202e\u2060-\u206f]+|[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+/giu

/** Links and addresses in a text. Only `http`, `https` and mail addresses; anything else stays text. */
export function inlinesOf(text: string): Inline[] {
  const found: Inline[] = []
  let end = 0
  for (const match of text.matchAll(mark)) {
    const shown = trimmed(match[0])
    const inline = shown.length > linkLength ? undefined : linked(shown)
    if (!inline) continue
    if (match.index > end) found.push({ kind: 'text', text: text.slice(end, match.index) })
    found.push(inline)
    end = match.index + shown.length
  }
  if (end < text.length) found.push({ kind: 'text', text: text.slice(end) })
  return found
}

function linked(text: string): Inline | undefined {
  if (!/^(https?|mailto):/i.test(text)) return { kind: 'address', text, address: text }
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.protocol === 'mailto:') {
    const address = decoded(url.pathname)
    return /^[^\s@<>,;]+@[^\s@<>,;]+$/.test(address) ? { kind: 'address', text, address } : undefined
  }
  return { kind: 'link', text, href: url.href }
}
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/** Without the marks of the sentence around it. A closing bracket stays if the link opened it. */
function trimmed(text: string): string {
  let end = text.length
  let open = count(text, '(') - count(text, ')')
  while (end > 0) {
    const last = text[end - 1]!
    if (last === ')' && open < 0) open += 1
    else if (!".,;:!?'’]}*_".includes(last)) break
    end -= 1
  }
  return text.slice(0, end)
}
function count(text: string, sign: string): number {
  let found = 0
  for (const one of text) if (one === sign) found += 1
  return found
}
