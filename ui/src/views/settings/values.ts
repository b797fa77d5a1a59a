/** Between what a person types and what a setting holds. */
import { formatNumber } from '$lib/format'

export interface NumberRange {
  min: number
  max: number
  /** Places after the decimal sign; 0 for whole numbers. */
  digits: number
}

const mebi = 1_048_576
export const toMebi = (octets: number): number => octets / mebi
export const fromMebi = (mebibytes: number): number => Math.round(mebibytes * mebi)

/** A number as it stands in a field: no grouping, as many places as it needs, the decimal sign of the language. */
export function numberText(value: number, digits: number): string {
  const sign = formatNumber(1.5, 1).charAt(1)
  return String(Number(value.toFixed(digits))).replace('.', sign)
}

/** What was typed, with comma or point; none when it is no number in the range. */
export function parseNumber(text: string, { min, max, digits }: NumberRange): number | undefined {
  const plain = text.trim().replace(',', '.')
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(plain)) return undefined
  const value = Number(plain)
  if (digits === 0 && !Number.isInteger(value)) return undefined
  return value >= min && value <= max ? value : undefined
}

/** Domains typed with commas, spaces or lines between them. */
export function parseDomains(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter(Boolean))]
}

/** A reason that comes from the engine may end in a detail without a full stop, and another sentence follows it. */
export function asSentence(text: string): string {
  return /[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`
}
