import type { MessageHtmlRef } from '$api'

/** The same question in both faces: `account=…&folder=…&uid=…&remote=0|1`. */
export function frameQuery({ account, folder, uid, remote }: MessageHtmlRef): string {
  return new URLSearchParams({ account, folder, uid: String(uid), remote: remote ? '1' : '0' }).toString()
}
