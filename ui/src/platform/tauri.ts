/**
 * The window: commands through Tauri's IPC. The Rust side has the commands `rpc`, `events`, `open_folder`, `save_file`
 * and `close_window`, the protocol `mail:` and the event `close-asked`. The channel of `events` carries arrays of events, and
 * the text `resync` where some were lost. This folder alone imports Tauri.
 */
import { Channel, convertFileSrc, invoke } from '@tauri-apps/api/core'
import { listen } from '@tauri-apps/api/event'
import { getCurrentWebview } from '@tauri-apps/api/webview'
import type { Event, Method, MessageHtmlRef, Params, Reply } from '$api'
import { toApiError } from './error'
import { frameQuery } from './frame'
import type { CloseChoice, Follower, Platform, SavedFile } from './types'

async function ask<T>(command: string, args: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args)
  } catch (thrown) {
    throw toApiError(thrown)
  }
}

export class TauriPlatform implements Platform {
  readonly kind = 'window'
  readonly capabilities = { openFolder: true, zoom: true, tray: true }

  call<M extends Method>(method: M, params: Params<M>): Promise<Reply<M>> {
    return ask<Reply<M>>('rpc', { request: { method, params } })
  }

  events({ batch, link, resync }: Follower): () => void {
    const channel = new Channel<Event[] | 'resync'>()
    let live = true
    channel.onmessage = (message) => {
      if (!live) return
      if (message === 'resync') resync()
      else batch(message)
    }
    ask<void>('events', { channel }).then(
      () => link(true),
      () => link(false),
    )
    return () => {
      live = false
    }
  }

  openFolder(path: string): Promise<void> {
    return ask('open_folder', { path })
  }
  saveFile({ name, bytes }: SavedFile): Promise<boolean> {
    return ask('save_file', { name, bytes: Array.from(bytes) })
  }
  messageFrameUrl(ref: MessageHtmlRef): string {
    return `${convertFileSrc('message', 'mail')}?${frameQuery(ref)}`
  }
  setZoom(factor: number): Promise<void> {
    return getCurrentWebview().setZoom(factor)
  }
  onCloseAsked(ask: () => void): () => void {
    const stop = listen('close-asked', ask)
    return () => void stop.then((unlisten) => unlisten())
  }
  close(choice: CloseChoice): Promise<void> {
    return ask('close_window', { choice })
  }
}
