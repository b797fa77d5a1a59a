import type { Code, Error as WireError, ServerStatus } from '$api'
import { m } from '$messages'

/** What can be pressed beside a cause. */
export type Fix = { kind: 'practicePorts' } | { kind: 'openFolder'; path: string }

export interface Cause {
  code: Code
  title: string
  error: Pick<WireError, 'code' | 'params'>
  fix?: Fix
}

/** Every reason why the server does not run, each once: its own error first, then those of its ports. */
export function causes(
  status: ServerStatus | undefined,
  unreachable: Pick<WireError, 'code' | 'params'> | undefined,
): Cause[] {
  const errors = [unreachable, status?.error, ...(status?.listeners.map(({ error }) => error) ?? [])]
  const seen = new Set<string>()
  return errors.flatMap((error) => {
    if (!error) return []
    const id = `${error.code} ${error.params.port ?? ''}`
    if (seen.has(id)) return []
    seen.add(id)
    return [{ code: error.code, title: title(error), error, fix: fix(error, status) }]
  })
}

/** The server is there and well, and lets nobody in who does not bring its key. */
export const isStranger = (found: readonly Cause[]) => found.length === 1 && found[0]?.code === 'face.unauthorized'

function title({ code, params }: Pick<WireError, 'code' | 'params'>): string {
  const port = params.port ?? '—'
  switch (code) {
    case 'data.locked':
      return m['start.cause.data.locked']()
    case 'data.unusable':
      return m['start.cause.data.unusable']()
    case 'data.full':
      return m['start.cause.data.full']()
    case 'config.invalid':
    case 'setting.invalid':
      return m['start.cause.config.invalid']()
    case 'listen.not_here':
      return m['start.cause.listen.not_here']()
    case 'port.taken':
      return m['start.cause.port.taken']({ port })
    case 'port.privileged':
      return m['start.cause.port.privileged']({ port })
    case 'tls.certificate_invalid':
      return m['start.cause.tls']()
    case 'face.unreachable':
      return m['start.cause.face.unreachable']()
    case 'face.unauthorized':
      return m['start.cause.face.unauthorized']()
    default:
      return m['start.cause.other']()
  }
}

function fix({ code, params }: Pick<WireError, 'code' | 'params'>, status: ServerStatus | undefined): Fix | undefined {
  if (code === 'port.taken' || code === 'port.privileged') return status && { kind: 'practicePorts' }
  const path = params.path ?? status?.dataDir
  if (/^(data|config|tls)\./.test(code) && path) return { kind: 'openFolder', path: folderOf(path) }
  return undefined
}

/** The folder a file lies in; a folder is its own. */
function folderOf(path: string): string {
  return /\.(toml|pem|key|crt|db)$/.test(path) ? path.replace(/[\\/][^\\/]+$/, '') : path
}

/** Plain English, for whoever is asked for help. */
export function report(status: ServerStatus | undefined, found: readonly Cause[], agent: string): string {
  return [
    `Postigo ${status?.version ?? '(unknown version)'} did not start`,
    `Data folder: ${status?.dataDir ?? '(unknown)'}`,
    `Listens on: ${status?.listen ?? '(unknown)'}`,
    `Web view: ${agent}`,
    ...found.map(({ error }) => `${error.code} ${JSON.stringify(error.params)}`),
  ].join('\n')
}
