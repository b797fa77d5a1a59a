import { render, screen } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import App from '$app/App.svelte'
import { Preferences } from '$app/preferences.svelte'
import type { Params } from '$api'
import { FakePlatform } from './fakePlatform'
import type { Scene } from './fakeEngine'

/** The wizard in English over a fake engine, for the tests of its branches. */
export function open(scene: Scene) {
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform(scene, 0)
  render(App, { platform, preferences })
  const user = userEvent.setup()
  const called = (name: string) => platform.calls.filter(({ method }) => method === name)
  const applied = () => called('setup.apply')[0]?.params as Params<'setup.apply'>
  /** Presses Continue so many times. */
  const go = async (screens = 1) => {
    for (let n = 0; n < screens; n++) await user.click(await next())
  }
  /** From the language to the screen after the purpose. */
  const choose = async (purpose: RegExp) => {
    await go()
    await user.click(await screen.findByRole('radio', { name: purpose }))
    await go()
  }
  /** Replaces what a field holds. */
  const fill = async (label: string | RegExp, text: string) => {
    const field = await screen.findByLabelText(label)
    await user.clear(field)
    if (text !== '') await user.type(field, text.replaceAll('[', '[['))
  }
  return { platform, user, called, applied, go, choose, fill }
}
export const next = () => screen.findByRole('button', { name: /^Continue/ })
/** From the summary to a first message that arrived. */
export const start = () => screen.findByRole('button', { name: /Start and send a test/ })
