import type { Platform } from '$platform'

/** From one folder of an account to another. */
export interface Way {
  account: string
  from: string
  to: string
}

/** The most messages the engine takes at once. */
export const batchSize = 1000

/** Moves messages back by the numbers they got where they are. Answers how many came; others were gone again. */
export async function moveBack(
  platform: Platform,
  uids: readonly number[],
  { account, from, to }: Way,
): Promise<number> {
  let back = 0
  for (let at = 0; at < uids.length; at += batchSize) {
    const messages = { account, folder: from, uids: uids.slice(at, at + batchSize) }
    back += (await platform.call('mail.move', { messages, to })).uids.length
  }
  return back
}
