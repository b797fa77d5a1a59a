import type { PostfixImported, SettingValues } from '$api'
import type { Platform } from '$platform'

/** Brings back what an import changed: the settings as they were before, then the names. */
export async function undoImport(
  platform: Platform,
  before: SettingValues,
  { settings, aliases, forwards }: PostfixImported,
): Promise<void> {
  if (settings.length > 0) {
    // What files of Postfix can change.
    const { host, domains, listen, ports, messageSizeLimit, bareNewlines, recipientLimit, sessionsPerClient } = before
    const { xclientHosts, submitUsers, mailSpoolDirectory, homeMailbox, restrictions, clientLimits } = before
    await platform.call('settings.set', {
      ...{ host, domains, listen, ports, messageSizeLimit, bareNewlines, recipientLimit, sessionsPerClient },
      ...{ xclientHosts, submitUsers, mailSpoolDirectory, homeMailbox, restrictions, clientLimits },
      // An empty path is none; a missing one would stay.
      certificatePath: before.certificatePath ?? '',
      keyPath: before.keyPath ?? '',
      flow: before.flow,
      queue: before.queue,
      // What was open before was confirmed then.
      confirmOpenRelay: host,
    })
  }
  // These have no place in a patch.
  const waits = settings.filter(({ name }) => /^smtp_\w+_timeout$/.test(name))
  for (const { name, before: value } of waits)
    await platform.call('config.set', { name, value, confirmOpenRelay: null })
  for (const { name, before: targets } of aliases) {
    if (targets.length > 0) await platform.call('alias.set', { name, targets })
    else await platform.call('alias.remove', { name })
  }
  for (const { before: forward } of forwards) await platform.call('forward.set', forward)
}
