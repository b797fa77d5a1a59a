import type { Component } from 'svelte'
import type { IconName } from '$lib/icons'
import { m } from '$messages'
import type { Route, View } from './router.svelte'
import Log from '../views/log/Log.svelte'
import Mail from '../views/mail/Mail.svelte'
import Mailboxes from '../views/mailboxes/Mailboxes.svelte'
import Overview from '../views/overview/Overview.svelte'
import Sessions from '../views/sessions/Sessions.svelte'
import Settings from '../views/settings/Settings.svelte'
import Tls from '../views/tls/Tls.svelte'

/** A view gets the route it is open under; only its own kind ever reaches it. */
export type ViewComponent<V extends View> = Component<{ route: Extract<Route, { view: V }> }>
export type ShellView = Exclude<View, 'wizard'>

export const components: { [V in ShellView]: Component<{ route: Extract<Route, { view: V }> }> | Component } = {
  overview: Overview,
  mail: Mail,
  mailboxes: Mailboxes,
  log: Log,
  sessions: Sessions,
  tls: Tls,
  settings: Settings,
}

export interface NavItem {
  view: ShellView
  /** Other views that stand under the same mark. */
  with?: ShellView
  icon: IconName
  label: () => string
  /** The letter after G. */
  letter: () => string
  /** Starts a group of its own. */
  group?: () => string
}

/** The sidebar, in order; Ctrl 1–9 count it. Settings stands apart, at the end. */
export const navigation: readonly NavItem[] = [
  {
    view: 'overview',
    icon: 'overview',
    label: () => m['shell.nav.overview'](),
    letter: () => m['shell.nav.overview.key'](),
  },
  { view: 'mail', icon: 'mail', label: () => m['shell.nav.mail'](), letter: () => m['shell.nav.mail.key']() },
  {
    view: 'mailboxes',
    icon: 'mailbox',
    label: () => m['shell.nav.mailboxes'](),
    letter: () => m['shell.nav.mailboxes.key'](),
  },
  {
    view: 'log',
    with: 'sessions',
    icon: 'log',
    label: () => m['shell.nav.log'](),
    letter: () => m['shell.nav.log.key'](),
    group: () => m['shell.nav.group.inside'](),
  },
  {
    view: 'tls',
    icon: 'tls',
    label: () => m['shell.nav.tls'](),
    letter: () => m['shell.nav.tls.key'](),
  },
  {
    view: 'settings',
    icon: 'settings',
    label: () => m['shell.nav.settings'](),
    letter: () => m['shell.nav.settings.key'](),
  },
]
