const pauseMs = 200

/** A search field; what is typed counts when the fingers rest. Make it while a component is set up. */
export class Search {
  typed = $state('')
  /** What is searched for. */
  text = $state('')
  input = $state<HTMLInputElement>()

  constructor() {
    $effect(() => {
      const wanted = this.typed
      const timer = setTimeout(() => (this.text = wanted), pauseMs)
      return () => clearTimeout(timer)
    })
  }

  clear(): void {
    this.typed = this.text = ''
  }
}
