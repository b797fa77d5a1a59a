import { m } from '$messages'

const signs: Record<string, string> = { Enter: '↵', ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' }

function capName(key: string): string {
  switch (key) {
    case 'Space':
      return m['common.key.space']()
    case 'Delete':
      return m['common.key.delete']()
    case 'End':
      return m['common.key.end']()
    case 'Home':
      return m['common.key.home']()
    case 'Escape':
      return 'Esc'
    case 'Shift':
      return m['common.key.shift']()
    default:
      return signs[key] ?? (key.length === 1 ? key.toUpperCase() : key)
  }
}

/** What is printed on the caps: `Ctrl+k` → "Ctrl K"; a sequence `g o` is two caps. */
export function keyCaps(keys: string): string[] {
  return keys.split(' ').map((chord) =>
    chord
      .split(/\+(?=.)/)
      .map(capName)
      .join(' '),
  )
}
