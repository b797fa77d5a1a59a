import { createContext } from 'svelte'
import type { Toasts } from '$lib/toasts.svelte'
import type { Platform } from '$platform'
import type { Commands } from './commands.svelte'
import type { Keys } from './keys.svelte'
import type { LiveState } from './live.svelte'
import type { Preferences } from './preferences.svelte'
import type { Router } from './router.svelte'

/** What every view may use. */
export interface App {
  platform: Platform
  live: LiveState
  router: Router
  preferences: Preferences
  keys: Keys
  commands: Commands
  toasts: Toasts
}

export const [getApp, setApp] = createContext<App>()
