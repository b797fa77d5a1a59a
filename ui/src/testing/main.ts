/** The app over a scripted engine: `npm run dev -- --mode fake`. Scenes by query: `?setup`, `?fail`, `?stopped`, `?empty`, `?own`, `?stranger`, `?edge`, `?open`, `?crowd`, `?locale=es`, `?theme=dark`, `?busy=1000` for so many lines of log a second. */
import { mount } from 'svelte'
import App from '$app/App.svelte'
import { Preferences } from '$app/preferences.svelte'
import '../styles/fonts.css'
import '../styles/tokens.css'
import '../styles/base.css'
import '../styles/components.css'
import '../styles/app.css'
import { busyLine } from './data/log'
import { FakePlatform } from './fakePlatform'

const query = new URLSearchParams(location.search)
const preferences = new Preferences()
const locale = query.get('locale')
if (locale === 'es' || locale === 'en') preferences.chooseLocale(locale)
const theme = query.get('theme')
if (theme === 'light' || theme === 'dark') preferences.theme = theme
const scene =
  (['setup', 'fail', 'stopped', 'empty', 'own', 'stranger', 'edge', 'open', 'crowd'] as const).find((name) =>
    query.has(name),
  ) ?? 'running'

const target = document.getElementById('postigo')
const platform = new FakePlatform(scene)
if (target) mount(App, { target, props: { platform, preferences } })

const perSecond = Number(query.get('busy') ?? 0)
let line = 2000
if (perSecond > 0) {
  const start = Date.now() * 1000
  setInterval(() => {
    const lines = Array.from({ length: Math.ceil(perSecond / 50) }, () => busyLine(line++, start, 0))
    platform.emit({ kind: 'log', lines, skipped: 0 })
  }, 20)
}
