import type { Event, Method, MessageHtmlRef, Params, Reply } from '$api'
import { ApiError, type CloseChoice, type Follower, type Platform, type SavedFile, type TrayLabels } from '$platform'
import { FakeEngine, type Scene } from './fakeEngine'

/** A platform without a machine behind it. Remembers what it was asked to do, for tests. */
export class FakePlatform implements Platform {
  readonly kind = 'window'
  capabilities = { openFolder: true, zoom: false, tray: true }
  readonly engine: FakeEngine
  readonly calls: { method: Method; params: unknown }[] = []
  readonly opened: string[] = []
  readonly saved: SavedFile[] = []
  readonly zooms: number[] = []
  readonly pid = undefined
  closed?: CloseChoice
  kept: CloseChoice | null = null
  trayLabels?: TrayLabels
  #followers = new Set<Follower>()

  constructor(
    scene: Scene = 'running',
    private readonly delayMs = 30,
  ) {
    this.engine = new FakeEngine(scene, (event) => this.emit(event))
  }

  async call<M extends Method>(method: M, params: Params<M>): Promise<Reply<M>> {
    this.calls.push({ method, params })
    await new Promise((resolve) => setTimeout(resolve, this.delayMs))
    try {
      // What crosses a real face is JSON: no identity is shared, no undefined survives.
      return JSON.parse(JSON.stringify(this.engine.answer(method, params))) as Reply<M>
    } catch (thrown) {
      if (thrown instanceof ApiError) throw thrown
      throw new ApiError({ code: 'internal', text: String(thrown), params: { detail: String(thrown) } })
    }
  }
  events(follower: Follower): () => void {
    this.#followers.add(follower)
    follower.link(true)
    return () => this.#followers.delete(follower)
  }
  emit(event: Event): void {
    for (const follower of this.#followers) follower.batch([event])
  }
  openFolder(path: string): Promise<void> {
    this.opened.push(path)
    return Promise.resolve()
  }
  saveFile(file: SavedFile): Promise<boolean> {
    this.saved.push(file)
    return Promise.resolve(true)
  }
  messageFrameUrl(ref: MessageHtmlRef): string {
    return `data:text/html;charset=utf-8,${encodeURIComponent(this.engine.answer('mail.html', ref).html)}`
  }
  setZoom(zoom: number): Promise<void> {
    this.zooms.push(zoom)
    return Promise.resolve()
  }
  onCloseAsked(): () => void {
    return () => undefined
  }
  close(choice: CloseChoice): Promise<void> {
    this.closed = choice
    return Promise.resolve()
  }
  closeChoice(): Promise<CloseChoice | null> {
    return Promise.resolve(this.kept)
  }
  setCloseChoice(choice: CloseChoice | null): Promise<void> {
    this.kept = choice
    return Promise.resolve()
  }
  setTrayLabels(labels: TrayLabels): Promise<void> {
    this.trayLabels = labels
    return Promise.resolve()
  }
  onMailto(): () => void {
    return () => undefined
  }
}
