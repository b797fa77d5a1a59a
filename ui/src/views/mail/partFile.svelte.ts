import type { File as MailFile, MessageRef } from '$api'
import type { App } from '$app/context'
import { errorText } from '$lib/errors'
import { toApiError, type ApiError } from '$platform'
import { fromBase64 } from './bytes'

/** One part of the open message, or with no number the whole message, fetched when it is wanted. */
export class PartFile {
  file = $state.raw<MailFile>()
  error = $state.raw<ApiError>()
  busy = $state(false)
  readonly #app: Pick<App, 'platform' | 'toasts'>
  readonly #ref: MessageRef
  readonly #part: string

  constructor(app: Pick<App, 'platform' | 'toasts'>, ref: MessageRef, part: string) {
    this.#app = app
    this.#ref = ref
    this.#part = part
  }

  async load(): Promise<MailFile | undefined> {
    if (this.file) return this.file
    this.busy = true
    this.error = undefined
    try {
      this.file = await this.#app.platform.call('mail.part', { ...this.#ref, part: this.#part })
    } catch (thrown) {
      this.error = toApiError(thrown)
    } finally {
      this.busy = false
    }
    return this.file
  }
  /** Saves it under its own name, or another. */
  async save(name?: string): Promise<void> {
    const file = await this.load()
    if (!file) return this.#say(this.error)
    try {
      await this.#app.platform.saveFile({
        name: name ?? file.name,
        mediaType: file.mediaType,
        bytes: fromBase64(file.base64),
      })
    } catch (thrown) {
      this.#say(toApiError(thrown))
    }
  }
  #say(error: ApiError | undefined): void {
    if (error) this.#app.toasts.show(errorText(error).replaceAll('`', ''))
  }

  /** For an image element. */
  get dataUrl(): string | undefined {
    return this.file && `data:${this.file.mediaType};base64,${this.file.base64}`
  }
  /** Octets that are not UTF-8 are shown as U+FFFD. */
  get text(): string {
    return this.file ? new TextDecoder().decode(fromBase64(this.file.base64)) : ''
  }
}
