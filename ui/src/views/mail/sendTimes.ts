/** When a message can be sent later: what is offered, and what is typed, in the time zone of this computer. */

export type PresetName = 'hour' | 'evening' | 'tomorrow' | 'monday'
export interface Preset {
  name: PresetName
  at: Date
}

const morning = 8
const evening = 20

/** Those that make sense now, soonest first, each time once. */
export function presetsOf(now: Date): Preset[] {
  const day = (after: number, hour: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + after, hour)
  const hour = new Date(now.getTime() + 3600e3)
  hour.setSeconds(0, 0)
  // 1 is Monday; on a Monday it is the next one.
  const toMonday = (8 - now.getDay()) % 7 || 7
  const all: Preset[] = [
    { name: 'hour', at: hour },
    { name: 'evening', at: day(0, evening) },
    { name: 'tomorrow', at: day(1, morning) },
    { name: 'monday', at: day(toMonday, morning) },
  ]
  // In the evening it is over soon; and on a Sunday, tomorrow is Monday.
  const fits = ({ name, at }: Preset) =>
    name === 'evening' ? at.getTime() > hour.getTime() : name !== 'monday' || toMonday > 1
  return all.filter(fits).sort((a, b) => a.at.getTime() - b.at.getTime())
}

/** As `<input type="datetime-local">` has it: `2026-11-30T08:00`. */
export function toLocal(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const date = [String(at.getFullYear()).padStart(4, '0'), two(at.getMonth() + 1), two(at.getDate())].join('-')
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** What was typed; undefined while it is no time. */
export function fromLocal(text: string): Date | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text)) return undefined
  // Without an offset it is a time of this computer.
  const at = new Date(text)
  return Number.isNaN(at.getTime()) ? undefined : at
}

/** `Europe/Madrid` */
export const timeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone
