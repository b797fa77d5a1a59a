import type { MimePart } from '$api'

export interface PartLine {
  part: MimePart
  depth: number
}

/** Deeper trees are not drawn: no program makes them, and their indent would leave no room. */
const depthLimit = 12

/** The tree as lines, from the top. */
export function partLines(root: MimePart): PartLine[] {
  const lines: PartLine[] = []
  const walk = (part: MimePart, depth: number) => {
    lines.push({ part, depth: Math.min(depth, depthLimit) })
    for (const child of part.children) walk(child, depth + 1)
  }
  walk(root, 0)
  return lines
}

/** Pictures that every web view draws. Not SVG: it is a document. */
export function isPicture(mediaType: string): boolean {
  return /^image\/(png|jpeg|gif|webp|bmp|avif)$/i.test(mediaType)
}
/** What can be shown as text, without being run or drawn. */
export function isReadable(mediaType: string): boolean {
  return /^(text\/|message\/)|\/(json|xml)$|\+(json|xml)$/i.test(mediaType)
}
export function isContainer(mediaType: string): boolean {
  return /^multipart\//i.test(mediaType)
}
