import type { QueueAction } from '$api'
import { errorText } from '$lib/errors'
import { formatNumber } from '$lib/format'
import { m } from '$messages'
import { toApiError } from '$platform'
import type { App } from '$app/context'

/** Does it, and says what was done. None of `queueIds` means: with the whole queue. */
export async function act(app: App, action: QueueAction, queueIds: readonly string[] | null): Promise<void> {
  try {
    const { messages } = await app.platform.call('queue.act', { action, queueIds: queueIds && [...queueIds] })
    const back = action === 'hold' ? 'release' : action === 'release' ? 'hold' : undefined
    // What was done with the whole queue cannot be taken back: who was on hold before is not known.
    const undo = back && queueIds && messages > 0 ? () => void act(app, back, queueIds) : undefined
    app.toasts.show(doneWords(action, messages), undo)
  } catch (thrown) {
    app.toasts.show(errorText(toApiError(thrown)).replaceAll('`', ''))
  }
}

function doneWords(action: QueueAction, count: number): string {
  if (count === 0) return action === 'retry' ? m['queue.done.retry.none']() : m['queue.done.none']()
  const said = { count, number: formatNumber(count) }
  switch (action) {
    case 'retry':
      return m['queue.done.retry'](said)
    case 'sendNow':
      return m['queue.done.send_now'](said)
    case 'hold':
      return m['queue.done.hold'](said)
    case 'release':
      return m['queue.done.release'](said)
    case 'delete':
      return m['queue.done.delete'](said)
  }
}
