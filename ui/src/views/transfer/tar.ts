/** Texts as one tar archive (POSIX.1-1988 "ustar"), which every system of the course can open. */

const block = 512

export interface TarEntry {
  /** At most 100 octets of ASCII. */
  name: string
  text: string
  /** For its owner's eyes only. */
  secret?: boolean
}

/** `modified` in seconds since 1970. */
export function tar(entries: readonly TarEntry[], modified: number): Uint8Array<ArrayBuffer> {
  const files = entries.map(({ name, text, secret = false }) => {
    const content = new TextEncoder().encode(text)
    return { header: header(name, content.length, secret ? 0o600 : 0o644, modified), content }
  })
  const padded = (length: number) => Math.ceil(length / block) * block
  // Two empty blocks end an archive.
  const length = files.reduce((sum, { content }) => sum + block + padded(content.length), 2 * block)
  const archive = new Uint8Array(length)
  let at = 0
  for (const { header, content } of files) {
    archive.set(header, at)
    archive.set(content, at + block)
    at += block + padded(content.length)
  }
  return archive
}

function header(name: string, length: number, mode: number, modified: number): Uint8Array {
  const octets = new Uint8Array(block)
  const write = (text: string, at: number) => octets.set(new TextEncoder().encode(text), at)
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0')
  write(name, 0)
  write(octal(mode, 7), 100)
  write(octal(0, 7), 108)
  write(octal(0, 7), 116)
  write(octal(length, 11), 124)
  write(octal(modified, 11), 136)
  // The sum counts its own field as blanks.
  write(' '.repeat(8), 148)
  write('0', 156)
  write('ustar\u{0}00', 257)
  const sum = octets.reduce((total, octet) => total + octet, 0)
  write(`${octal(sum, 6)}\u{0} `, 148)
  return octets
}
