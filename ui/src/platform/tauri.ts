/**
 * The window: commands through Tauri's IPC, as `src-tauri/build.rs` lists them, the protocol `mail:`, and the events
 * `close-asked` and `mailto-asked`. This folder alone imports Tauri.
 */
import { Channel, convertFileSrc, invoke, type InvokeArgs, type InvokeOptions } from '@tauri-apps/api/core'
import { listen } from '@tauri-apps/api/event'
import { getCurrentWebview } from '@tauri-apps/api/webview'
import type { Event, Method, MessageHtmlRef, Params, Reply } from '$api'
import { toApiError } from './error'
import { frameQuery } from './frame'
import type { CloseChoice, Follower, Platform, SavedFile, TrayLabels } from './types'

/** What the window knows before it asks: set by `src-tauri/src/window.rs`. */
declare global {
  interface Window {
    readonly __POSTIGO__?: { pid: number; platform: string }
  }
}

/** Events; whether there is an engine at the other end; or that events were lost. */
type Told = Event[] | 'up' | 'down' | 'resync'

async function ask<T>(command: string, args?: InvokeArgs, options?: InvokeOptions): Promise<T> {
  try {
    return await invoke<T>(command, args, options)
  } catch (thrown) {
    throw toApiError(thrown)
  }
}

export class TauriPlatform implements Platform {
  readonly kind = 'window'
  readonly capabilities = { openFolder: true, zoom: true, tray: true }
  readonly pid = window.__POSTIGO__?.pid

  call<M extends Method>(method: M, params: Params<M>): Promise<Reply<M>> {
    return ask<Reply<M>>('rpc', { request: { method, params } })
  }

  events({ batch, link, resync }: Follower): () => void {
    const channel = new Channel<Told>()
    let live = true
    channel.onmessage = (told) => {
      if (!live) return
      if (told === 'resync') resync()
      else if (told === 'up' || told === 'down') link(told === 'up')
      else batch(told)
    }
    ask<void>('events', { channel }).catch(() => link(false))
    return () => {
      live = false
    }
  }

  openFolder(path: string): Promise<void> {
    return ask('open_folder', { path })
  }
  saveFile({ name, bytes }: SavedFile): Promise<boolean> {
    return ask('save_file', bytes, { headers: { name: encodeURIComponent(name) } })
  }
  messageFrameUrl(ref: MessageHtmlRef): string {
    return `${convertFileSrc('message', 'mail')}?${frameQuery(ref)}`
  }
  setZoom(factor: number): Promise<void> {
    return getCurrentWebview().setZoom(factor)
  }
  onCloseAsked(ask: () => void): () => void {
    const stop = listen('close-asked', () => {
      void invoke('close_heard')
      ask()
    })
    return () => void stop.then((unlisten) => unlisten())
  }
  close(choice: CloseChoice): Promise<void> {
    return ask('close_window', { choice })
  }
  closeChoice(): Promise<CloseChoice | null> {
    return ask('close_choice')
  }
  async setCloseChoice(choice: CloseChoice | null): Promise<void> {
    await ask('close_choice', { change: { choice } })
  }
  setTrayLabels(labels: TrayLabels): Promise<void> {
    return ask('tray_labels', { labels })
  }
  onMailto(compose: (address: string) => void): () => void {
    let live = true
    const take = async () => {
      const address = await ask<string | null>('take_mailto')
      if (live && address) compose(address)
    }
    const stop = listen('mailto-asked', () => void take())
    void take()
    return () => {
      live = false
      void stop.then((unlisten) => unlisten())
    }
  }
}
