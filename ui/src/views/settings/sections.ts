import type { IconName } from '$lib/icons'
import { m } from '$messages'

export type SectionId = 'general' | 'server' | 'limits' | 'traces' | 'tls' | 'transfer'

interface Section {
  id: SectionId
  icon: IconName
  label: () => string
}

export const sections: readonly Section[] = [
  { id: 'general', icon: 'settings', label: () => m['settings.section.general']() },
  { id: 'server', icon: 'server', label: () => m['settings.section.server']() },
  { id: 'limits', icon: 'filter', label: () => m['settings.section.limits']() },
  { id: 'traces', icon: 'log', label: () => m['settings.section.traces']() },
  { id: 'tls', icon: 'tls', label: () => m['settings.section.tls']() },
  { id: 'transfer', icon: 'download', label: () => m['transfer.section']() },
]

/** The section a route names; the first for none and for one that is not there. */
export function sectionOf(name: string | undefined): SectionId {
  return sections.find(({ id }) => id === name)?.id ?? 'general'
}
