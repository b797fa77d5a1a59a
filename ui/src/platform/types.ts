import type { Event, Method, MessageHtmlRef, Params, Reply } from '$api'

/** What one of the two faces can do. The rest of the app knows this and never which face it is. */
export interface Platform {
  readonly kind: 'window' | 'browser'
  readonly capabilities: Capabilities
  /** The process of the window. A server with another process id was there before, and stays when the window goes. */
  readonly pid: number | undefined
  /** One command. Rejects with an {@link import('./error').ApiError}. */
  call<M extends Method>(method: M, params: Params<M>): Promise<Reply<M>>
  /** Follows what the engine says by itself, until the answer is called. */
  events(follower: Follower): () => void
  /** Shows a folder in the file manager. Only where `capabilities.openFolder`. */
  openFolder(path: string): Promise<void>
  /** Asks where to (in a window) or downloads (in a browser). False when the user changed their mind. */
  saveFile(file: SavedFile): Promise<boolean>
  /** Where the safe HTML of a message is served: another origin, with a policy of its own. */
  messageFrameUrl(ref: MessageHtmlRef): string
  /** 1 is 100 %. Only where `capabilities.zoom`. */
  setZoom(factor: number): Promise<void>
  /** The user closed the window and was never asked what becomes of the server. */
  onCloseAsked(ask: () => void): () => void
  /** The answer to that. Remembered by the face. */
  close(choice: CloseChoice): Promise<void>
  /** The answer that is remembered; null when the user is to be asked. Only where `capabilities.tray`. */
  closeChoice(): Promise<CloseChoice | null>
  /** Remembers another answer; null: ask again. Only where `capabilities.tray`. */
  setCloseChoice(choice: CloseChoice | null): Promise<void>
  /** The words of the tray's menu, which appears when it has some. Only where `capabilities.tray`. */
  setTrayLabels(labels: TrayLabels): Promise<void>
  /** The program was started with an address to write to, `mailto:…`, or a second one was. */
  onMailto(compose: (address: string) => void): () => void
}

export interface Follower {
  batch: (events: readonly Event[]) => void
  /** The line to the engine broke, or is there (again). */
  link: (up: boolean) => void
  /** Events were lost: whatever is shown must be asked anew. */
  resync: () => void
}

export interface Capabilities {
  /** There is a file manager to show folders in. Elsewhere show the path with a copy button. */
  readonly openFolder: boolean
  /** The face zooms itself; a browser has its own way. */
  readonly zoom: boolean
  /** The server can go on in the tray when the window is closed. */
  readonly tray: boolean
}

export interface SavedFile {
  name: string
  mediaType: string
  bytes: Uint8Array<ArrayBuffer>
}

export type CloseChoice = 'tray' | 'quit'

export interface TrayLabels {
  open: string
  start: string
  stop: string
  quit: string
}
