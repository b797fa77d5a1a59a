import { m } from '$messages'
import type { Command } from '$app/commands.svelte'
import type { Router } from '$app/router.svelte'
import { postfixName } from './fields'
import { pieces } from './pieces'

/** Each piece of mail flow for the palette, found by its words and by the Postfix names of its settings. */
export function pieceCommands(router: Router): Command[] {
  return Object.values(pieces).map(({ id, icon, title, postfix, fields }) => ({
    id: `flow-${id}`,
    group: m['shell.nav.flow'](),
    label: title(),
    detail: postfix,
    mono: true,
    icon,
    terms: fields.map(postfixName).join(' '),
    run: () => router.go({ view: 'flow', piece: id }),
  }))
}
