import type { IconName } from '$lib/icons'

/** Something the palette can do or open. */
export interface Command {
  id: string
  group: string
  label: string
  icon: IconName
  /** After the label, quiet: a count, an address. */
  detail?: string
  /** The detail is a machine's word. */
  mono?: boolean
  keys?: string
  /** More words that find it: Postfix names, the other language. */
  terms?: string
  run: () => void
}

/** What the palette offers: the shell's own commands and those of the view that is open. */
export class Commands {
  /** Plain, with a mark that tells of changes: where an effect ends as another begins, the end would read what was before. */
  #sources: readonly (() => readonly Command[])[] = []
  #changed = $state.raw({})

  get all(): Command[] {
    void this.#changed
    return this.#sources.flatMap((source) => source())
  }
  /** Offers commands until the answer is called: `$effect(() => commands.offer(() => [...]))`. */
  offer(source: () => readonly Command[]): () => void {
    this.#set([...this.#sources, source])
    return () => this.#set(this.#sources.filter((other) => other !== source))
  }
  #set(sources: readonly (() => readonly Command[])[]): void {
    this.#sources = sources
    this.#changed = {}
  }
}

/** Those that contain every word typed, without regard to case and accents; beginnings of labels first. */
export function findCommands(commands: readonly Command[], typed: string): Command[] {
  const words = plain(typed).split(/\s+/).filter(Boolean)
  const scored = commands.flatMap((command) => {
    const label = plain(command.label)
    const hay = `${label} ${plain(command.detail ?? '')} ${plain(command.terms ?? '')}`
    if (!words.every((word) => hay.includes(word))) return []
    return [{ command, score: words.length > 0 && label.startsWith(words[0]!) ? 0 : 1 }]
  })
  return scored.sort((a, b) => a.score - b.score).map(({ command }) => command)
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()
}
