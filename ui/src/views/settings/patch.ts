import type { SettingsPatch, SettingValues } from '$api'

export type SettingKey = keyof SettingsPatch & keyof SettingValues

/** Those that hold a number. */
export type NumberKey = { [K in SettingKey]: SettingValues[K] extends number ? K : never }[SettingKey]

/** The patch that brings back what `values` has for the settings that `patch` names. */
export function reverse(patch: SettingsPatch, values: SettingValues): SettingsPatch {
  const back: Record<string, unknown> = {}
  // No path is an empty text in a patch: a missing one would mean "stays".
  for (const key of Object.keys(patch) as SettingKey[]) back[key] = values[key] ?? ''
  return back as SettingsPatch
}

/** Whether the patch would change anything. */
export function changes(patch: SettingsPatch, values: SettingValues): boolean {
  const back = reverse(patch, values)
  return (Object.keys(patch) as SettingKey[]).some((key) => !same(patch[key], back[key]))
}

export function differs(key: SettingKey, { current, defaults }: { current: SettingValues; defaults: SettingValues }) {
  return !same(current[key], defaults[key])
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
