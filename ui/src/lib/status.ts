import { m } from '$messages'

/** The six states and the three kinds of "off" of the design kit. Icon names are the same words. */
export type Status = 'pass' | 'warn' | 'fail' | 'info' | 'running' | 'off' | 'na' | 'unknown' | 'blocked'

export function statusWord(status: Status): string {
  switch (status) {
    case 'pass':
      return m['common.status.pass']()
    case 'warn':
      return m['common.status.warn']()
    case 'fail':
      return m['common.status.fail']()
    case 'info':
      return m['common.status.info']()
    case 'running':
      return m['common.status.running']()
    case 'off':
      return m['common.status.off']()
    case 'na':
      return m['common.status.na']()
    case 'unknown':
      return m['common.status.unknown']()
    case 'blocked':
      return m['common.status.blocked']()
  }
}
