import type { Command } from '$app/commands.svelte'
import type { Binding, BindingGroup } from '$app/keys.svelte'
import { m } from '$messages'
import type { MailState } from './mail.svelte'

/** What the view opens and shows for an action. */
export interface Doors {
  search: () => void
  show: (focus: boolean) => void
  move: () => void
  /** In a small window one pane is shown at a time. */
  listIsHidden: () => boolean
  remove: () => void
}

export function mailKeys(mail: MailState, doors: Doors): BindingGroup {
  const title = m['mail.keys.title']()
  const writing: Binding[] = [{ keys: 'c', label: m['mail.action.compose'](), run: () => mail.compose() }]
  // While something is being written, a key that was meant for it must not touch the messages beside it.
  if (mail.composition) return { title, bindings: writing }
  const step = (by: 1 | -1) => () => {
    mail.step(by)
    doors.show(true)
  }
  return {
    title,
    bindings: [
      { keys: 'j', label: m['mail.keys.next'](), run: step(1) },
      { keys: 'k', label: m['mail.keys.previous'](), run: step(-1) },
      { keys: 'r', label: m['mail.action.reply'](), run: () => mail.answer('reply') },
      { keys: 'a', label: m['mail.action.reply_all'](), run: () => mail.answer('replyAll') },
      { keys: 'f', label: m['mail.action.forward'](), run: () => mail.answer('forward') },
      { keys: 'e', label: m['mail.action.archive'](), run: () => mail.moveToRole('archive') },
      { keys: '!', label: m['mail.action.junk'](), run: () => mail.moveToRole('junk') },
      { keys: 'v', label: m['mail.action.move'](), run: doors.move },
      { keys: 's', label: m['mail.action.star'](), run: () => mail.toggleStar() },
      { keys: 'u', label: m['mail.action.unread'](), run: () => mail.toggleSeen() },
      { keys: 'Delete', label: m['mail.action.delete'](), run: doors.remove },
      { keys: '/', label: m['mail.keys.search'](), run: doors.search },
      { keys: 'Ctrl+a', label: m['mail.keys.all'](), run: () => mail.chooseAll() },
      { keys: 'Escape', label: m['mail.keys.back'](), run: () => back(mail, doors) },
      ...writing,
    ],
  }
}

/** First out of a choice of several, then out of the message, to the list. */
function back(mail: MailState, doors: Doors): void {
  if (mail.chosen.size > 0) mail.chosen = new Set()
  else if (mail.sent) mail.sent = undefined
  else if (doors.listIsHidden()) mail.select(undefined)
  doors.show(true)
}

export function mailCommands(mail: MailState, doors: Doors): Command[] {
  const group = m['mail.keys.title']()
  const commands: Command[] = [
    {
      id: 'mail-compose',
      group,
      label: m['mail.action.compose'](),
      icon: 'compose',
      keys: 'c',
      run: () => mail.compose(),
    },
    { id: 'mail-search', group, label: m['mail.keys.search'](), icon: 'search', keys: '/', run: doors.search },
  ]
  if (mail.targets.length === 0) return commands
  return [
    ...commands,
    {
      id: 'mail-archive',
      group,
      label: m['mail.action.archive'](),
      icon: 'archive',
      keys: 'e',
      run: () => mail.moveToRole('archive'),
    },
    { id: 'mail-move', group, label: m['mail.action.move'](), icon: 'folder', keys: 'v', run: doors.move },
  ]
}
