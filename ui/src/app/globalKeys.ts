import { m } from '$messages'
import type { Command } from './commands.svelte'
import type { App } from './context'
import type { Binding, BindingGroup } from './keys.svelte'
import type { Preferences } from './preferences.svelte'
import type { Route } from './router.svelte'
import { startServer, stopServer } from './server'
import { pieceCommands } from '../views/flow/commands'
import { navigation } from './views'

interface Doors {
  palette: () => void
  keys: () => void
}

/** The keys that work in every view. */
export function globalKeys({ router, toasts }: App, doors: Doors): BindingGroup {
  const views = navigation.flatMap<Binding>((item, place) => {
    const go = () => router.go({ view: item.view } as Route)
    return [{ keys: `g ${item.letter()}`, also: `Ctrl+${place + 1}`, label: item.label(), run: go }]
  })
  return {
    title: m['shell.keys.everywhere'](),
    bindings: [
      { keys: 'Ctrl+k', label: m['shell.keys.palette'](), run: doors.palette },
      { keys: '?', label: m['shell.keys.help'](), run: doors.keys },
      { keys: 'F6', label: m['shell.keys.region'](), run: (event) => nextRegion(event.shiftKey), whileTyping: true },
      { keys: 'Ctrl+z', label: m['shell.keys.undo'](), run: () => toasts.undoLast() },
      ...views,
      { keys: 'Ctrl+,', label: m['shell.nav.settings'](), run: () => router.go({ view: 'settings' }) },
    ],
  }
}

/** The size of everything. In a browser these keys are the browser's own. */
export function zoomKeys(preferences: Preferences): BindingGroup {
  const key = (keys: string, label: string, run: () => void, also?: string): Binding => ({
    keys,
    also,
    label,
    run,
    whileTyping: true,
  })
  return {
    title: m['shell.keys.size'](),
    bindings: [
      // On many keyboards the plus is a shifted sign, and one presses its key without Shift.
      key('Ctrl++', m['shell.keys.larger'](), () => preferences.stepZoom(1), 'Ctrl+='),
      key('Ctrl+-', m['shell.keys.smaller'](), () => preferences.stepZoom(-1)),
      key('Ctrl+0', m['shell.keys.normal'](), () => (preferences.zoom = 1)),
    ],
  }
}

/** F6: sidebar, view, inspector, status bar, and round again. */
function nextRegion(back: boolean): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region], .view, .inspector')].filter(
    (region) => region.offsetParent !== null || region === document.activeElement,
  )
  const at = regions.findLastIndex((region) => region.contains(document.activeElement))
  const region = regions[(at + (back ? -1 : 1) + regions.length) % regions.length]
  const stop = region?.querySelector<HTMLElement>(
    '[aria-current="page"], [aria-selected="true"], a[href], button:not(:disabled), input, [tabindex="0"]',
  )
  ;(stop ?? region)?.focus()
}

/** What the palette offers in every view. */
export function globalCommands(app: App): Command[] {
  const { live, preferences, router } = app
  const go = m['shell.palette.go']()
  const act = m['shell.palette.do']()
  const running = live.status?.phase === 'running'
  return [
    ...navigation.map<Command>((item) => ({
      id: `go-${item.view}`,
      group: go,
      label: item.label(),
      icon: item.icon,
      keys: `g ${item.letter()}`,
      run: () => router.go({ view: item.view } as Route),
    })),
    ...pieceCommands(router),
    theme('light', m['shell.palette.theme.light'](), 'themeLight'),
    theme('dark', m['shell.palette.theme.dark'](), 'themeDark'),
    theme('system', m['shell.palette.theme.system'](), 'themeSystem'),
    {
      id: 'language',
      group: act,
      label: m['shell.palette.language'](),
      icon: 'languages',
      terms: 'idioma language español english',
      run: () => preferences.chooseLocale(preferences.locale === 'es' ? 'en' : 'es'),
    },
    {
      id: 'wizard',
      group: act,
      label: m['shell.palette.wizard'](),
      icon: 'wand',
      run: () => router.go({ view: 'wizard' }),
    },
    running
      ? { id: 'stop', group: act, label: m['shell.palette.stop'](), icon: 'power', run: () => void stopServer(app) }
      : { id: 'start', group: act, label: m['shell.palette.start'](), icon: 'play', run: () => void startServer(app) },
  ]

  function theme(name: 'light' | 'dark' | 'system', label: string, icon: Command['icon']): Command {
    return { id: `theme-${name}`, group: act, label, icon, run: () => (preferences.theme = name) }
  }
}
