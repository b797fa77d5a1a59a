/** What became of a line of Postfix's files, in words. */
import type { PostfixFate, PostfixLine } from '$api'
import { errorText } from '$lib/errors'
import type { Status } from '$lib/status'
import { m } from '$messages'

/** The engine's reasons, each with its words. */
const table: Record<string, () => string> = {
  overridden: () => m['transfer.reason.overridden'](),
  onlyReferenced: () => m['transfer.reason.onlyReferenced'](),
  postfixInternal: () => m['transfer.reason.postfixInternal'](),
  builtIn: () => m['transfer.reason.builtIn'](),
  localhost: () => m['transfer.reason.localhost'](),
  testCertificate: () => m['transfer.reason.testCertificate'](),
  mappedIpv4: () => m['transfer.reason.mappedIpv4'](),
  identity: () => m['transfer.reason.identity'](),
  notReferenced: () => m['transfer.reason.notReferenced'](),
  noCounterpart: () => m['transfer.reason.noCounterpart'](),
  unknown: () => m['transfer.reason.unknown'](),
  syntax: () => m['transfer.reason.syntax'](),
  expansionLimit: () => m['transfer.reason.expansionLimit'](),
  expression: () => m['transfer.reason.expression'](),
  value: () => m['transfer.reason.value'](),
  onlyFirst: () => m['transfer.reason.onlyFirst'](),
  certificateNotChecked: () => m['transfer.reason.certificateNotChecked'](),
  fileMissing: () => m['transfer.reason.fileMissing'](),
  mapType: () => m['transfer.reason.mapType'](),
  target: () => m['transfer.reason.target'](),
  port: () => m['transfer.reason.port'](),
  interfaceNetworks: () => m['transfer.reason.interfaceNetworks'](),
  tooLarge: () => m['transfer.reason.tooLarge'](),
  loginOff: () => m['transfer.reason.loginOff'](),
  otherServer: () => m['transfer.reason.otherServer'](),
}
export const reasonCodes = Object.keys(table)

/** Why a line was not simply taken; empty when it was. A reason that has no words yet is shown as it is. */
export function reasonWords({ reason, error }: Pick<PostfixLine, 'reason' | 'error'>): string {
  if (error) return errorText(error)
  if (reason === null) return ''
  const words = Object.hasOwn(table, reason) ? table[reason] : undefined
  return words ? words() : m['transfer.reason.other']({ code: reason })
}

export const fates: Record<PostfixFate, { status: Status; label: () => string; count: (count: string) => string }> = {
  unsupported: {
    status: 'warn',
    label: () => m['transfer.fate.unsupported'](),
    count: (count) => m['transfer.fate.unsupported.count']({ count }),
  },
  ignored: {
    status: 'na',
    label: () => m['transfer.fate.ignored'](),
    count: (count) => m['transfer.fate.ignored.count']({ count }),
  },
  taken: {
    status: 'pass',
    label: () => m['transfer.fate.taken'](),
    count: (count) => m['transfer.fate.taken.count']({ count }),
  },
}
