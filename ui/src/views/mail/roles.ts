import type { Folder, FolderRole } from '$api'
import type { IconName } from '$lib/icons'
import { m } from '$messages'

const order: readonly FolderRole[] = ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash']

const icons: Record<FolderRole, IconName> = {
  inbox: 'inbox',
  drafts: 'draft',
  sent: 'send',
  archive: 'archive',
  junk: 'junk',
  trash: 'trash',
}

export function folderIcon({ role }: Pick<Folder, 'role'>): IconName {
  return role === null ? 'folder' : icons[role]
}

/** Folders with a role are called in the user's language, others as their owner called them. */
export function folderName({ role, label }: Pick<Folder, 'role' | 'label'>): string {
  switch (role) {
    case 'inbox':
      return m['mail.folder.inbox']()
    case 'drafts':
      return m['mail.folder.drafts']()
    case 'sent':
      return m['mail.folder.sent']()
    case 'archive':
      return m['mail.folder.archive']()
    case 'junk':
      return m['mail.folder.junk']()
    case 'trash':
      return m['mail.folder.trash']()
    case null:
      return label
  }
}

/** Those with a role first, in the order in which mail goes through them; the rest by name, children below their parent. */
export function sortFolders(folders: readonly Folder[]): Folder[] {
  const rank = ({ role }: Folder) => (role === null ? order.length : order.indexOf(role))
  return folders.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
}

/** What the folder's number counts: unread messages, in drafts all of them. */
export function folderCount({ role, messages, unseen }: Folder): number {
  return role === 'drafts' ? messages : unseen
}
