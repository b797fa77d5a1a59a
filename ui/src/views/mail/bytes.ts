/** Octets and the base64 in which files cross the API. */

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let place = 0; place < binary.length; place++) bytes[place] = binary.charCodeAt(place)
  return bytes
}

export function toBase64(bytes: Uint8Array): string {
  // In pieces: a function takes only so many arguments.
  const piece = 0x8000
  let binary = ''
  for (let from = 0; from < bytes.length; from += piece) {
    binary += String.fromCharCode(...bytes.subarray(from, from + piece))
  }
  return btoa(binary)
}

/** Octets of a file of which only the base64 is there. */
export function decodedSize(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0
  return Math.max(0, (base64.length / 4) * 3 - padding)
}

/** Octets that a file takes in a message: base64 in lines of 76 characters (RFC 2045 §6.8). */
export function encodedSize(octets: number): number {
  const signs = Math.ceil(octets / 3) * 4
  return signs + Math.ceil(signs / 76) * 2
}
