export interface Toast {
  id: number
  text: string
  undo?: () => void
}

/** What can be undone, for eight seconds. Time stands still while the pointer or the focus is on the stack. */
export class Toasts {
  list = $state.raw<readonly Toast[]>([])
  #next = 1
  #timers = new Map<number, ReturnType<typeof setTimeout>>()

  show(text: string, undo?: () => void): void {
    const id = this.#next++
    this.list = [...this.list, { id, text, undo }].slice(-3)
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), toastMs),
    )
  }
  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
    this.list = this.list.filter((toast) => toast.id !== id)
  }
  hold(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
  }
  release(): void {
    for (const { id } of this.list) {
      clearTimeout(this.#timers.get(id))
      this.#timers.set(
        id,
        setTimeout(() => this.dismiss(id), toastMs),
      )
    }
  }
  /** Undoes the newest that can be undone. */
  undoLast(): void {
    const last = this.list.findLast((toast) => toast.undo)
    if (!last) return
    this.dismiss(last.id)
    last.undo?.()
  }
}

const toastMs = 8000
