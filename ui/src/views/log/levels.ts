import type { Level } from '$api'
import type { Status } from '$lib/status'
import { m } from '$messages'

/** The mark of a line; what is well has none, so that the rest is seen. */
export function levelStatus(level: Level): Extract<Status, 'warn' | 'fail'> | undefined {
  if (level === 'info') return undefined
  return level === 'warning' ? 'warn' : 'fail'
}
export function levelWord(level: Level): string {
  switch (level) {
    case 'info':
      return m['log.level.info']()
    case 'warning':
      return m['log.level.warning']()
    case 'refused':
      return m['log.level.refused']()
    case 'error':
      return m['log.level.error']()
  }
}
