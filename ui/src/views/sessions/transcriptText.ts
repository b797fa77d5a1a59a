import type { TranscriptLine } from '$api'

/** A transcript as text to carry elsewhere: seconds, who, what. Machines' words, so the same in every language. */
export function transcriptText(lines: readonly TranscriptLine[]): string {
  return lines.map(({ after, said }) => `${(after / 1e6).toFixed(3)} ${words(said)}\n`).join('')
}

function words(said: TranscriptLine['said']): string {
  switch (said.kind) {
    case 'client':
      return `C: ${said.text}`
    case 'server':
      return `S: ${said.text}`
    case 'content':
      return `${said.from_client ? 'C' : 'S'}: [${said.octets} octets]`
    case 'tls':
      return `-- ${said.version} ${said.cipher}`
    case 'tlsFailed':
      return `-- TLS: ${said.reason}`
    case 'found':
      return `-- ${said.setting ? `${said.setting}: ` : ''}${said.text}`
    case 'closed':
      return `-- closed: ${said.by}`
  }
}
