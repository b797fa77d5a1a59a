/**
 * Which rows of a long list are drawn, and where. Heights are guessed until a row was drawn once.
 * Pure arithmetic: the component tells it what was scrolled and measured.
 */
export class VirtualRows {
  keys = $state.raw<readonly string[]>([])
  scrollTop = $state(0)
  height = $state(0)
  /** Plain, with a counter that tells of changes: a reactive map would watch each of its thousands of entries. */
  readonly #measured = new Map<string, number>()
  #measurements = $state(0)
  readonly #estimate: () => number

  constructor(estimate: () => number) {
    this.#estimate = estimate
  }

  /** Where each row begins, and where the last ends. */
  readonly tops = $derived.by(() => {
    const tops = new Float64Array(this.keys.length + 1)
    const estimate = this.#estimate()
    const uniform = this.#measurements === 0
    for (let i = 0; i < this.keys.length; i++) {
      const size = uniform ? estimate : (this.#measured.get(this.keys[i]!) ?? estimate)
      tops[i + 1] = tops[i]! + size
    }
    return tops
  })
  readonly total = $derived(this.tops[this.keys.length] ?? 0)
  /** The rows in view and half a view more on each side, as [first, end). */
  readonly range = $derived.by((): [number, number] => {
    const spare = this.height / 2
    const first = this.indexAt(this.scrollTop - spare)
    const end = Math.min(this.keys.length, this.indexAt(this.scrollTop + this.height + spare) + 1)
    return [first, end]
  })

  /** The row at a height of the whole list. */
  indexAt(y: number): number {
    let low = 0
    let high = Math.max(0, this.keys.length - 1)
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.tops[middle]! <= y) low = middle
      else high = middle - 1
    }
    return low
  }

  /** True when it changed anything. */
  measure(sizes: Iterable<readonly [string, number]>): boolean {
    let changed = false
    for (const [key, size] of sizes) {
      if (size === 0 || Math.abs((this.#measured.get(key) ?? this.#estimate()) - size) < 0.1) continue
      this.#measured.set(key, size)
      changed = true
    }
    if (changed) this.#measurements += 1
    if (this.#measured.size > 2 * this.keys.length + 1000) this.#forgetGone()
    return changed
  }
  /** Lists that lose rows at one end while they grow at the other would remember each that ever was. */
  #forgetGone(): void {
    const known = new Set(this.keys)
    for (const key of this.#measured.keys()) if (!known.has(key)) this.#measured.delete(key)
  }
}
