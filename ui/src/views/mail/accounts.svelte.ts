import type { ExternalAccount, Folder, FolderRole, MailAccount } from '$api'
import { toApiError, type ApiError, type Platform } from '$platform'
import { sortFolders } from './roles'

/** Many changes in a row, as when a rule moves fifty messages, are one question. */
const settleMs = 150

/** The accounts the client can open, and the folders of those that were looked into. */
export class MailAccounts {
  list = $state.raw<readonly MailAccount[]>()
  error = $state.raw<ApiError>()
  folders = $state.raw<Readonly<Record<string, readonly Folder[]>>>({})
  folderErrors = $state.raw<Readonly<Record<string, ApiError>>>({})
  readonly #platform: Platform
  readonly #settling = new Map<string, ReturnType<typeof setTimeout>>()

  constructor(platform: Platform) {
    this.#platform = platform
  }

  account(id: string | undefined): MailAccount | undefined {
    return this.list?.find((one) => one.id === id)
  }
  folder(account: string | undefined, name: string | undefined): Folder | undefined {
    return account === undefined ? undefined : this.folders[account]?.find((folder) => folder.name === name)
  }
  /** The folder that an account keeps for a purpose, if it has one. */
  withRole(account: string, role: FolderRole): Folder | undefined {
    return this.folders[account]?.find((folder) => folder.role === role)
  }

  async refresh(): Promise<void> {
    try {
      this.list = await this.#platform.call('mail.accounts', {})
      this.error = undefined
      await Promise.all(Object.keys(this.folders).map((id) => this.refreshFolders(id)))
    } catch (thrown) {
      this.error = toApiError(thrown)
    }
  }
  async refreshFolders(account: string): Promise<void> {
    try {
      const folders = await this.#platform.call('mail.folders', { account })
      this.folders = { ...this.folders, [account]: sortFolders(folders) }
      const { [account]: _healed, ...errors } = this.folderErrors
      this.folderErrors = errors
    } catch (thrown) {
      this.folderErrors = { ...this.folderErrors, [account]: toApiError(thrown) }
    }
  }
  /** Something changed in an account: its numbers are asked for again, soon and once. Unopened accounts wait until they are. */
  changed(account: string): void {
    if (!this.folders[account]) return
    clearTimeout(this.#settling.get(account))
    this.#settling.set(
      account,
      setTimeout(() => void this.refreshFolders(account), settleMs),
    )
  }
  stop(): void {
    for (const timer of this.#settling.values()) clearTimeout(timer)
  }

  async add(external: ExternalAccount): Promise<MailAccount> {
    const added = await this.#platform.call('mail.account_add', external)
    await this.refresh()
    return added
  }
  async remove(account: string): Promise<void> {
    await this.#platform.call('mail.account_remove', { account })
    await this.refresh()
  }
  async createFolder(account: string, folder: string): Promise<void> {
    await this.#platform.call('mail.folder_create', { account, folder })
    await this.refreshFolders(account)
  }
  async renameFolder(account: string, folder: string, to: string): Promise<void> {
    await this.#platform.call('mail.folder_rename', { account, folder, to })
    await this.refreshFolders(account)
  }
  async deleteFolder(account: string, folder: string): Promise<void> {
    await this.#platform.call('mail.folder_delete', { account, folder })
    await this.refreshFolders(account)
  }
}
