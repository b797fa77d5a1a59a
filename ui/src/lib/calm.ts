/** Runs at once, and then, however often it is asked, at most once in `ms`; the last wish is never lost. */
export function calm(work: () => void, ms: number): { run: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  let wanted = false
  const run = () => {
    if (timer !== undefined) {
      wanted = true
      return
    }
    work()
    timer = setTimeout(() => {
      timer = undefined
      if (!wanted) return
      wanted = false
      run()
    }, ms)
  }
  return { run, stop: () => clearTimeout(timer) }
}
