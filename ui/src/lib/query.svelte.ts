import { toApiError, type ApiError } from '$platform'

/** A question to the engine whose last answer stays on the screen while it is asked again. A late answer to an old question is dropped. */
export class Query<T> {
  data = $state.raw<T>()
  error = $state.raw<ApiError>()
  loading = $state(false)
  #ask: () => Promise<T>
  #round = 0

  constructor(ask: () => Promise<T>) {
    this.#ask = ask
  }

  async refresh(): Promise<void> {
    const round = ++this.#round
    this.loading = true
    try {
      const data = await this.#ask()
      if (round !== this.#round) return
      this.data = data
      this.error = undefined
    } catch (thrown) {
      if (round === this.#round) this.error = toApiError(thrown)
    } finally {
      if (round === this.#round) this.loading = false
    }
  }

  /** Forgets the answer, for another question under the same name. */
  clear(): void {
    this.#round += 1
    this.data = undefined
    this.error = undefined
    this.loading = false
  }
}
