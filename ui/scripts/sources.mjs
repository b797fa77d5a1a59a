import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Our own TypeScript and Svelte files below src, as paths from the root, without what is generated. */
export function sourceFiles() {
  return readdirSync(join(root, 'src'), { recursive: true })
    .map((name) => `src/${name}`.replaceAll('\\', '/'))
    .filter((name) => /\.(ts|svelte)$/.test(name) && !/^src\/(lib\/paraglide|api)\//.test(name))
}
