import type { ServerStatus } from '$api'
import { m } from '$messages'

/** What the server was set up for, in a sentence. */
export function purposeWords({ mode, role }: Pick<ServerStatus, 'mode' | 'role'>): string {
  if (mode === 'lab') return m['shell.purpose.lab']()
  if (mode === 'internet') return m['shell.purpose.internet']()
  switch (role) {
    case 'client':
      return m['shell.purpose.client']()
    case 'inner':
      return m['shell.purpose.inner']()
    case 'edge':
      return m['shell.purpose.edge']()
    case 'standalone':
      return m['shell.purpose.classroom']()
  }
}
