export { ApiError, toApiError } from './error'
export type { Capabilities, CloseChoice, Follower, Platform, SavedFile, TrayLabels } from './types'

import type { Platform } from './types'

/** The face this page runs in. Each brings its own code only when it is the one. */
export async function connect(): Promise<Platform> {
  if ('__TAURI_INTERNALS__' in window) return new (await import('./tauri')).TauriPlatform()
  return new (await import('./http')).HttpPlatform()
}
