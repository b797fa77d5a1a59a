/** Arrow keys inside one group of controls, of which only one is a tab stop (WAI-ARIA practices, "roving tabindex"). */
export function rovingTarget(event: KeyboardEvent, selector: string, axis: 'x' | 'y'): HTMLElement | undefined {
  const group = event.currentTarget as HTMLElement
  const stops = [...group.querySelectorAll<HTMLElement>(selector)]
  const at = stops.indexOf(event.target as HTMLElement)
  const next = step(event.key, at, stops.length, axis)
  if (next === undefined) return undefined
  event.preventDefault()
  stops[next]?.focus()
  return stops[next]
}

function step(key: string, at: number, count: number, axis: 'x' | 'y'): number | undefined {
  if (count === 0) return undefined
  if (key === (axis === 'x' ? 'ArrowRight' : 'ArrowDown')) return (at + 1) % count
  if (key === (axis === 'x' ? 'ArrowLeft' : 'ArrowUp')) return (at - 1 + count) % count
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  return undefined
}
