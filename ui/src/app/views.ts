import type { Component } from 'svelte'
import type { IconName } from '$lib/icons'
import { m } from '$messages'
import type { Route, View } from './router.svelte'

export type ShellView = Exclude<View, 'wizard'>

/** Each view is its own piece of the program, fetched when it is first opened. It gets the route it is open under. */
export const loadView: { [V in ShellView]: () => Promise<{ default: ViewComponent<V> }> } = {
  overview: () => import('../views/overview/Overview.svelte'),
  mail: () => import('../views/mail/Mail.svelte'),
  mailboxes: () => import('../views/mailboxes/Mailboxes.svelte'),
  queue: () => import('../views/queue/Queue.svelte'),
  log: () => import('../views/log/Log.svelte'),
  sessions: () => import('../views/sessions/Sessions.svelte'),
  journey: () => import('../views/journey/Journey.svelte'),
  flow: () => import('../views/flow/Flow.svelte'),
  names: () => import('../views/names/Names.svelte'),
  tls: () => import('../views/tls/Tls.svelte'),
  settings: () => import('../views/settings/Settings.svelte'),
}
type ViewComponent<V extends View> = Component<{ route: Extract<Route, { view: V }> }> | Component

export interface NavItem {
  view: ShellView
  /** Other views that stand under the same mark. */
  with?: readonly ShellView[]
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
  { view: 'queue', icon: 'wait', label: () => m['shell.nav.queue'](), letter: () => m['shell.nav.queue.key']() },
  {
    view: 'log',
    with: ['sessions', 'journey'],
    icon: 'log',
    label: () => m['shell.nav.log'](),
    letter: () => m['shell.nav.log.key'](),
    group: () => m['shell.nav.group.inside'](),
  },
  {
    view: 'flow',
    with: ['names'],
    icon: 'flow',
    label: () => m['shell.nav.flow'](),
    letter: () => m['shell.nav.flow.key'](),
    group: () => m['shell.nav.group.trust'](),
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
