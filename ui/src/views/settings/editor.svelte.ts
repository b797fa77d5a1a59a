import { createContext } from 'svelte'
import type { Settings, SettingsPatch } from '$api'
import { errorText } from '$lib/errors'
import type { Query } from '$lib/query.svelte'
import type { Toasts } from '$lib/toasts.svelte'
import { m } from '$messages'
import { toApiError, type Platform } from '$platform'
import { asSentence } from './values'
import { changes, differs, reverse, type SettingKey } from './patch'

/** The settings while they are looked at and changed. Each change applies at once and can be taken back. */
export class SettingsEditor {
  /** What is searched for, in any setting's words. */
  search = $state('')

  constructor(
    private readonly platform: Platform,
    private readonly toasts: Toasts,
    readonly query: Query<Settings>,
  ) {}

  get settings(): Settings | undefined {
    return this.query.data
  }
  isChanged(key: SettingKey): boolean {
    return this.settings !== undefined && differs(key, this.settings)
  }
  /** Whether the search finds a setting that these words speak of. */
  matches(...words: (string | undefined)[]): boolean {
    const hay = plain(words.filter(Boolean).join(' '))
    return plain(this.search)
      .split(/\s+/)
      .every((word) => hay.includes(word))
  }

  /** Applies it. The answer is why it cannot be, in words; then the old value still applies. `done` is what the toast says. */
  async set(patch: SettingsPatch, done: string): Promise<string | undefined> {
    const old = this.settings
    if (!old || !changes(patch, old.current)) return undefined
    const refused = await this.#send(patch)
    if (refused === undefined) this.toasts.show(done, () => void this.#undo(reverse(patch, old.current)))
    return refused
  }

  async #undo(patch: SettingsPatch): Promise<void> {
    const refused = await this.#send(patch)
    if (refused !== undefined) this.toasts.show(m['settings.undo.failed']({ reason: refused }))
  }
  async #send(patch: SettingsPatch): Promise<string | undefined> {
    try {
      await this.platform.call('settings.set', patch)
    } catch (thrown) {
      return asSentence(errorText(toApiError(thrown)))
    }
    await this.query.refresh()
    return undefined
  }
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()
}

export const [getEditor, setEditor] = createContext<SettingsEditor>()
