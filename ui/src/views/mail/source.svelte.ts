import type { MessageRef } from '$api'
import { toApiError, type ApiError, type Platform } from '$platform'

/** The most the engine gives at once. */
const bigPiece = 4 * 1024 * 1024
/** Longer lines are drawn as several, or one line of a megabyte would stop the page. */
export const drawnLine = 400

/** A message as it came over the wire, loaded piece by piece. */
export class Source {
  octets = $state<number>()
  error = $state.raw<ApiError>()
  loading = $state(false)
  /** What is loaded, as lines to draw. */
  lines = $state.raw<readonly string[]>([])
  #text = ''
  #next: number | null = $state(0)
  readonly #platform: Platform
  readonly #ref: MessageRef

  constructor(platform: Platform, ref: MessageRef) {
    this.#platform = platform
    this.#ref = ref
  }

  get complete(): boolean {
    return this.#next === null
  }
  /** It has octets that are no UTF-8, and so cannot be shown as they are. */
  get hasForeignOctets(): boolean {
    return this.#text.includes('\ufffd')
  }

  /** Loads the next piece. */
  async more(limit = 0): Promise<void> {
    if (this.loading || this.#next === null) return
    this.loading = true
    try {
      const piece = await this.#platform.call('mail.source', { ...this.#ref, offset: this.#next, limit })
      this.#text += piece.text
      this.#next = piece.nextOffset
      this.octets = piece.octets
      this.error = undefined
      this.lines = drawn(this.#text)
    } catch (thrown) {
      this.error = toApiError(thrown)
    } finally {
      this.loading = false
    }
  }
  /** The whole text; undefined when it cannot be had. */
  async whole(): Promise<string | undefined> {
    while (this.#next !== null) {
      await this.more(bigPiece)
      if (this.error) return undefined
    }
    return this.#text
  }
}

function drawn(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => (line.length <= drawnLine ? [line] : cut(line)))
}
function cut(line: string): string[] {
  const found: string[] = []
  for (let from = 0; from < line.length; from += drawnLine) found.push(line.slice(from, from + drawnLine))
  return found
}
