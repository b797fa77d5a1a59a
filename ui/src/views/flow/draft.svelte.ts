import { createContext } from 'svelte'
import type { Settings, SettingsPatch } from '$api'
import { errorText } from '$lib/errors'
import type { Query } from '$lib/query.svelte'
import { m } from '$messages'
import { toApiError, type ApiError } from '$platform'
import type { App } from '$app/context'
import { allValues, fieldNamed, isOpenRelay, patchOf, same, type FieldName, type FlowValues } from './fields'

/** A change that waits for somebody to type the name of the host. */
interface Danger {
  edits: Partial<FlowValues>
  error: ApiError
}

/**
 * The settings of mail flow while they are edited: what applies, what was changed and does not apply yet, and what can be
 * taken back. A field that nobody edits follows what applies.
 */
export class FlowDraft {
  busy = $state(false)
  danger = $state.raw<Danger>()
  #edits = $state.raw<Partial<FlowValues>>({})
  #refused = $state.raw<{ error: ApiError; edits: Partial<FlowValues> }>()
  /** What was there before each applied change, the newest last. */
  #undo = $state.raw<readonly Partial<FlowValues>[]>([])

  constructor(
    private readonly app: App,
    readonly settings: Query<Settings>,
  ) {}

  get applied(): FlowValues | undefined {
    return this.settings.data && allValues(this.settings.data.current)
  }
  get values(): FlowValues | undefined {
    return this.applied && { ...this.applied, ...this.#edits }
  }
  get canUndo(): boolean {
    return this.#undo.length > 0
  }
  get isOpen(): boolean {
    return this.applied !== undefined && isOpenRelay(this.applied)
  }
  get wouldBeOpen(): boolean {
    return this.values !== undefined && isOpenRelay(this.values)
  }

  set<F extends FieldName>(field: F, value: FlowValues[F]): void {
    const { [field]: _, ...others } = this.#edits
    this.#edits = same(value, this.applied?.[field])
      ? (others as Partial<FlowValues>)
      : ({ ...others, [field]: value } as Partial<FlowValues>)
  }
  isEdited(fields: readonly FieldName[]): boolean {
    return fields.some((field) => field in this.#edits)
  }
  get hasEdits(): boolean {
    return Object.keys(this.#edits).length > 0
  }
  discard(fields: readonly FieldName[]): void {
    this.#edits = without(this.#edits, fields)
    this.#refused = undefined
  }

  /** What the engine said about a field, until that is changed. */
  errorOf(field: FieldName): string | undefined {
    const refused = this.#refused
    if (!refused || fieldNamed(refused.error.params.setting) !== field) return undefined
    return same(refused.edits[field], this.#edits[field]) ? errorText(refused.error) : undefined
  }
  /** What it said that belongs to none of these fields. */
  otherError(fields: readonly FieldName[]): ApiError | undefined {
    const error = this.#refused?.error
    const named = fieldNamed(error?.params.setting)
    return error && (named === undefined || !fields.includes(named)) ? error : undefined
  }

  /** Applies what was changed of these fields. True when it applies now. */
  async apply(fields: readonly FieldName[]): Promise<boolean> {
    const edits = only(this.#edits, fields)
    return Object.keys(edits).length === 0 || this.#send(edits)
  }
  /** Applies what makes an open relay, by the name that was typed. */
  async applyOpen(host: string): Promise<void> {
    if (this.danger && (await this.#send(this.danger.edits, host))) this.danger = undefined
  }
  async undo(): Promise<void> {
    const back = this.#undo.at(-1)
    const current = this.settings.data?.current
    if (!back || !current) return
    this.#undo = this.#undo.slice(0, -1)
    try {
      // What was open before is closed again by undoing; what is opened again by it was confirmed once.
      await this.#call({
        ...patchOf(back, current),
        ...(isOpenRelay({ ...allValues(current), ...back }) && { confirmOpenRelay: current.host }),
      })
      this.app.toasts.show(m['flow.undone']())
    } catch (thrown) {
      this.app.toasts.show(m['flow.undo.failed']({ reason: errorText(toApiError(thrown)).replaceAll('`', '') }))
    }
  }

  async #send(edits: Partial<FlowValues>, confirmOpenRelay?: string): Promise<boolean> {
    const settings = this.settings.data
    if (!settings || this.busy) return false
    this.busy = true
    this.#refused = undefined
    try {
      await this.#call({
        ...patchOf(edits, settings.current),
        ...(confirmOpenRelay !== undefined && { confirmOpenRelay }),
      })
    } catch (thrown) {
      const error = toApiError(thrown)
      if (error.code === 'setting.open_relay') this.danger = { edits, error }
      else this.#refused = { error, edits }
      return false
    } finally {
      this.busy = false
    }
    const fields = Object.keys(edits) as FieldName[]
    this.#edits = without(this.#edits, fields)
    const before = only(allValues(settings.current), fields)
    this.#undo = [...this.#undo, before]
    // The notice may outlive the change: another undo may have taken it back already.
    this.app.toasts.show(m['flow.applied'](), () => void (this.#undo.at(-1) === before && this.undo()))
    return true
  }
  async #call(patch: SettingsPatch): Promise<void> {
    await this.app.platform.call('settings.set', patch)
    await this.settings.refresh()
  }
}

function only(values: Partial<FlowValues>, fields: readonly FieldName[]): Partial<FlowValues> {
  return Object.fromEntries(Object.entries(values).filter(([field]) => fields.includes(field as FieldName)))
}
function without(values: Partial<FlowValues>, fields: readonly FieldName[]): Partial<FlowValues> {
  return Object.fromEntries(Object.entries(values).filter(([field]) => !fields.includes(field as FieldName)))
}

export const [getDraft, setDraft] = createContext<FlowDraft>()
