/** The browser: `POST /api/rpc`, server-sent events from `/api/events`, message frames from `/api/message/frame`. Signed in by the server's cookie. */
import type { Error as WireError, Event, Method, MessageHtmlRef, Params, Reply } from '$api'
import { ApiError, toApiError } from './error'
import { frameQuery } from './frame'
import type { Follower, Platform, SavedFile } from './types'

export class HttpPlatform implements Platform {
  readonly kind = 'browser'
  readonly capabilities = { openFolder: false, zoom: false, tray: false }
  readonly pid = undefined

  async call<M extends Method>(method: M, params: Params<M>): Promise<Reply<M>> {
    try {
      const response = await fetch('/api/rpc', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ method, params }),
        credentials: 'same-origin',
      })
      const body: unknown = await response.json()
      if (!response.ok) throw new ApiError(body as WireError)
      return body as Reply<M>
    } catch (thrown) {
      throw toApiError(thrown)
    }
  }

  events({ batch, link, resync }: Follower): () => void {
    const source = new EventSource('/api/events', { withCredentials: true })
    source.onopen = () => link(true)
    source.onerror = () => link(false) // The browser tries again by itself.
    source.onmessage = (message: MessageEvent<string>) => batch(JSON.parse(message.data) as Event[])
    source.addEventListener('resync', resync)
    return () => source.close()
  }

  openFolder(path: string): Promise<void> {
    return Promise.reject(new Error(`A browser cannot show ${path}; ask capabilities.openFolder first.`))
  }
  saveFile({ name, mediaType, bytes }: SavedFile): Promise<boolean> {
    const href = URL.createObjectURL(new Blob([bytes], { type: mediaType }))
    const link = Object.assign(document.createElement('a'), { href, download: name })
    link.click()
    setTimeout(() => URL.revokeObjectURL(href), 60_000)
    return Promise.resolve(true)
  }
  messageFrameUrl(ref: MessageHtmlRef): string {
    return `/api/message/frame?${frameQuery(ref)}`
  }
  setZoom(): Promise<void> {
    return Promise.reject(new Error('A browser zooms itself; ask capabilities.zoom first.'))
  }
  onCloseAsked(): () => void {
    return () => undefined
  }
  close(): Promise<void> {
    return Promise.reject(noTray())
  }
  closeChoice(): Promise<null> {
    return Promise.reject(noTray())
  }
  setCloseChoice(): Promise<void> {
    return Promise.reject(noTray())
  }
  setTrayLabels(): Promise<void> {
    return Promise.reject(noTray())
  }
  onMailto(): () => void {
    return () => undefined
  }
}

function noTray(): Error {
  return new Error('A browser has no tray; ask capabilities.tray first.')
}
