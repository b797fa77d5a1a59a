/** Times as Postfix writes them: a number and its unit. */
const units = [
  ['w', 604_800],
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const

/** In the largest unit that leaves no rest below days: `5d`, `4h`, `4000s`. */
export function durationText(seconds: number): string {
  const [unit, size] =
    units.find(([name, of]) => name !== 'w' && seconds >= of && seconds % of === 0) ?? (['s', 1] as const)
  return `${seconds / size}${unit}`
}
/** None when it is no time, or longer than 32 bits of seconds hold. */
export function parseDuration(text: string): number | undefined {
  const found = /^(\d{1,9})\s*([smhdw]?)$/.exec(text.trim().toLowerCase())
  if (!found) return undefined
  const size = units.find(([name]) => name === (found[2] || 's'))?.[1] ?? 1
  const seconds = Number(found[1]) * size
  return seconds <= 4_294_967_295 ? seconds : undefined
}
