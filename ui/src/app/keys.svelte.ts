/**
 * Keys. A binding is a chord (`Ctrl+k`, `Delete`, `?`) or a sequence of two (`g o`). Letters are lower case; Shift is part
 * of the sign it makes (`?`), and named only with letters and named keys (`Shift+Tab`). Ctrl stands for ⌘ on a Mac.
 */
export interface Binding {
  keys: string
  /** Another chord for the same. */
  also?: string
  label: string
  run: (event: KeyboardEvent) => void
  /** Works while typing in a field, too. Chords with Ctrl always do. */
  whileTyping?: boolean
}
export interface BindingGroup {
  title: string
  bindings: readonly Binding[]
}

const sequenceMs = 1200

export class Keys {
  /** Plain, with a mark that tells of changes: where an effect ends as another begins, the end would read what was before. */
  #groups: readonly (() => BindingGroup)[] = []
  #changed = $state.raw({})
  #prefix = ''
  #prefixUntil = 0

  /** All that is bound now, for the list of keys; what was bound last comes first. */
  get groups(): BindingGroup[] {
    void this.#changed
    return this.#groups.map((group) => group()).toReversed()
  }

  /** Binds a group until the answer is called: `$effect(() => keys.bind(() => ({ title, bindings })))`. */
  bind(group: () => BindingGroup): () => void {
    this.#set([...this.#groups, group])
    return () => this.#set(this.#groups.filter((other) => other !== group))
  }
  #set(groups: readonly (() => BindingGroup)[]): void {
    this.#groups = groups
    this.#changed = {}
  }

  start(): () => void {
    const onKey = (event: KeyboardEvent) => this.#handle(event)
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }

  #handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return
    const chord = chordOf(event)
    if (chord === undefined) return
    const typing = isTyping(event.target)
    const inDialog = document.querySelector('dialog[open]') !== null
    const sequence = event.timeStamp < this.#prefixUntil ? `${this.#prefix} ${chord}` : ''
    this.#prefixUntil = 0
    // The sequence first: `g s` must not become the view's own `s`.
    for (const wanted of sequence ? [sequence, chord] : [chord]) {
      for (const binding of this.groups.flatMap(({ bindings }) => bindings)) {
        if (binding.keys !== wanted && binding.also !== wanted) continue
        if (inDialog && !binding.whileTyping) continue
        if (typing && !binding.whileTyping && !/^(Ctrl|Alt)\+/.test(chord)) continue
        event.preventDefault()
        binding.run(event)
        return
      }
    }
    const begins =
      !typing && this.groups.some(({ bindings }) => bindings.some(({ keys }) => keys.startsWith(`${chord} `)))
    if (begins) {
      this.#prefix = chord
      this.#prefixUntil = event.timeStamp + sequenceMs
    }
  }
}

export function chordOf(event: KeyboardEvent): string | undefined {
  if (['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'Dead'].includes(event.key)) return undefined
  const key = event.key === ' ' ? 'Space' : event.key.length === 1 ? event.key.toLowerCase() : event.key
  const shiftCounts = event.shiftKey && (event.key.length > 1 || /^\p{L}$/u.test(event.key))
  // AltGr types signs on European keyboards and arrives as Ctrl+Alt.
  const control = (event.ctrlKey || event.metaKey) && !event.getModifierState('AltGraph')
  const alt = event.altKey && !event.getModifierState('AltGraph')
  return [control && 'Ctrl', alt && 'Alt', shiftCounts && 'Shift', key].filter(Boolean).join('+')
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit', 'range'].includes(target.type)
}
