import type { MessageRow } from '$api'
import type { Platform } from '$platform'

/**
 * Brings moved messages back. They have new numbers in the other folder, so each is found there by what does not change;
 * one that cannot be told from another is left where it is. Answers how many came back.
 */
export async function undoMove(
  platform: Platform,
  rows: readonly MessageRow[],
  { account, from, to }: { account: string; from: string; to: string },
): Promise<number> {
  const uids: number[] = []
  for (const subject of new Set(rows.map((row) => row.subject))) {
    const { messages } = await platform.call('mail.list', {
      account,
      folder: from,
      text: subject === '' ? null : subject,
      unseen: false,
      flagged: false,
      offset: 0,
      limit: 500,
    })
    for (const row of rows.filter((one) => one.subject === subject)) {
      const same = messages.filter((one) => identity(one) === identity(row) && !uids.includes(one.uid))
      if (same.length > 0) uids.push(Math.max(...same.map(({ uid }) => uid)))
    }
  }
  if (uids.length > 0) await platform.call('mail.move', { messages: { account, folder: from, uids }, to })
  return uids.length
}

function identity({ date, octets, subject, from }: MessageRow): string {
  return JSON.stringify([date, octets, subject, from?.address])
}
