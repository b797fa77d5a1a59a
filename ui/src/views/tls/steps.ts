import type { TlsStatus } from '$api'
import { m } from '$messages'

export type Program = 'thunderbird' | 'debian' | 'windows' | 'macos'

export interface Step {
  what: string
  /** May carry the marks of rich.ts. */
  why?: string
  /** To be typed, one command a line. */
  command?: string
}

/** What stands between saving the authority's certificate (the first step, for all) and the try (the last). */
export function stepsFor(program: Program, tls: TlsStatus): Step[] {
  const file = fileName(tls)
  switch (program) {
    case 'thunderbird':
      return [
        { what: m['tls.thunderbird.settings'](), why: m['tls.thunderbird.settings.why']() },
        { what: m['tls.thunderbird.tick'](), why: m['tls.thunderbird.tick.why']() },
      ]
    case 'debian':
      return [
        {
          what: m['tls.debian.copy'](),
          why: m['tls.debian.copy.why'](),
          command: `sudo cp ${quoted(tls.authorityPath ?? file)} /usr/local/share/ca-certificates/${crt(file)}`,
        },
        { what: m['tls.debian.update'](), why: m['tls.debian.update.why'](), command: 'sudo update-ca-certificates' },
      ]
    case 'windows':
      return [
        {
          what: m['tls.windows.add'](),
          why: m['tls.windows.add.why'](),
          command: `certutil -user -addstore Root "%USERPROFILE%\\Downloads\\${file}"`,
        },
        { what: m['tls.windows.confirm'](), why: m['tls.windows.confirm.why']() },
      ]
    case 'macos':
      return [
        {
          what: m['tls.macos.add'](),
          why: m['tls.macos.add.why'](),
          command: `sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ~/Downloads/${file}`,
        },
      ]
  }
}

/** A command that tries it without a mail program. */
export function tryCommand(program: Program, host: string, port: number): string | undefined {
  if (program !== 'debian') return undefined
  return `curl -v imaps://${host}:${port}/`
}

/** The name under which `tls.authority` offers the file. */
export function fileName({ authority }: TlsStatus): string {
  return `postigo-${authority?.names[0]?.replace(/^\./, '') ?? 'lab'}-ca.pem`
}
const crt = (file: string) => file.replace(/\.pem$/, '.crt')
function quoted(path: string): string {
  return /^[\w./@-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`
}
