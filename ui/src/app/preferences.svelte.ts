import { overwriteGetLocale, overwriteSetLocale, type Locale } from '$lib/paraglide/runtime'

export type Theme = 'system' | 'light' | 'dark'
export type Density = 'compact' | 'comfortable'
export const zoomSteps = [0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2] as const

interface Saved {
  locale: Locale
  theme: Theme
  density: Density
  zoom: number
  annotations: boolean
}
const storageKey = 'postigo.preferences'

/** How this person likes to see the app. Kept in the web view, since it says nothing about the server. */
export class Preferences {
  locale = $state<Locale>(systemLocale())
  theme = $state<Theme>('system')
  density = $state<Density>('compact')
  zoom = $state(1)
  /** The explanations beside a transcript. */
  annotations = $state(true)
  /** Whether the language was ever chosen, or is only that of the system. */
  localeChosen = $state(false)

  constructor(private readonly storage: Storage = localStorage) {
    this.#load()
    // Messages read the locale from here, so every text on the screen changes with it and nothing is lost.
    overwriteGetLocale(() => this.locale)
    overwriteSetLocale((locale) => this.chooseLocale(locale))
  }

  chooseLocale(locale: Locale): void {
    this.locale = locale
    this.localeChosen = true
  }

  /** One step larger or smaller, as far as it goes. */
  stepZoom(by: 1 | -1): void {
    const at = zoomSteps.findIndex((step) => step === this.zoom)
    this.zoom = zoomSteps[at + by] ?? this.zoom
  }

  /** Applies to the page and keeps what changes. Call in an effect. */
  apply(root: HTMLElement): void {
    root.lang = this.locale
    if (this.theme === 'system') delete root.dataset.theme
    else root.dataset.theme = this.theme
    if (this.density === 'compact') delete root.dataset.density
    else root.dataset.density = this.density
    const { locale, theme, density, zoom, annotations } = this
    const saved = { theme, density, zoom, annotations, ...(this.localeChosen ? { locale } : {}) }
    this.storage.setItem(storageKey, JSON.stringify(saved))
  }

  #load(): void {
    const saved = parse(this.storage.getItem(storageKey))
    if (saved.locale === 'es' || saved.locale === 'en') this.chooseLocale(saved.locale)
    if (saved.theme === 'light' || saved.theme === 'dark') this.theme = saved.theme
    if (saved.density === 'comfortable') this.density = saved.density
    if (zoomSteps.some((step) => step === saved.zoom)) this.zoom = saved.zoom ?? 1
    if (saved.annotations === false) this.annotations = false
  }
}

function parse(text: string | null): Partial<Saved> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
/** Spanish for anyone whose system speaks a language of Spain or Latin America's Spanish; English for the rest. */
function systemLocale(): Locale {
  return /^(es|ca|gl|eu|ast)\b/i.test(navigator.language) ? 'es' : 'en'
}
