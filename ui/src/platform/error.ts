import { CODES, type Code, type Error as WireError } from '$api'

/** A failure as the engine tells it: a code for the words, plain English for the report, names and numbers for the words. */
export class ApiError extends Error {
  readonly code: Code
  readonly params: Readonly<Record<string, string>>

  constructor({ code, text, params }: WireError) {
    super(text)
    this.name = 'ApiError'
    this.code = code
    this.params = params
  }
}

/** Whatever a face threw, as one of ours. What is no answer of the engine means that the line to it broke. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  if (isWireError(thrown)) return new ApiError(thrown)
  const detail = thrown instanceof Error ? thrown.message : String(thrown)
  return new ApiError({ code: 'face.unreachable', text: 'The engine cannot be reached.', params: { detail } })
}

function isWireError(value: unknown): value is WireError {
  if (typeof value !== 'object' || value === null || !('code' in value) || !('text' in value)) return false
  return (CODES as readonly unknown[]).includes(value.code) && typeof value.text === 'string'
}
