import type { Service } from '$api'
import { errorText } from '$lib/errors'
import { m } from '$messages'
import { toApiError } from '$platform'
import type { App } from './context'

/** Starting and stopping, from wherever it is asked. */
export async function startServer({ platform, toasts }: App): Promise<void> {
  try {
    await platform.call('server.start', {})
  } catch (thrown) {
    toasts.show(errorText(toApiError(thrown)))
  }
}

export async function stopServer(app: App): Promise<void> {
  try {
    await app.platform.call('server.stop', {})
    app.toasts.show(m['shell.stopped.toast'](), () => void startServer(app))
  } catch (thrown) {
    app.toasts.show(errorText(toApiError(thrown)))
  }
}

/** As the status bar calls them. */
export function serviceName(service: Service): string {
  switch (service) {
    case 'smtp':
      return m['shell.listener.smtp']()
    case 'submission':
      return m['shell.listener.submission']()
    case 'submissions':
      return m['shell.listener.submissions']()
    case 'imap':
      return m['shell.listener.imap']()
    case 'imaps':
      return m['shell.listener.imaps']()
    case 'outgoing':
      return m['shell.listener.outgoing']()
    case 'local':
      return m['shell.listener.local']()
  }
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address === 'localhost' || address.startsWith('127.')
}
