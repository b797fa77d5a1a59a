import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { render, screen, waitFor, within } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import App from '$app/App.svelte'
import { Preferences } from '$app/preferences.svelte'
import { FakePlatform } from '../../testing/fakePlatform'
import { reasonCodes, reasonWords } from './reasons'
import { tar } from './tar'

/** The view is loaded when it is first shown, which may take its time. */
const patient = { timeout: 4000 }

function open() {
  location.hash = '#/settings/transfer'
  const preferences = new Preferences()
  preferences.chooseLocale('en')
  const platform = new FakePlatform('running', 0)
  render(App, { platform, preferences })
  const sent = (method: string) => platform.calls.filter((call) => call.method === method).map(({ params }) => params)
  return { platform, sent, user: userEvent.setup() }
}
async function importing(user: ReturnType<typeof userEvent.setup>, mainCf: string) {
  await user.click(await screen.findByText('Import…', undefined, patient))
  const dialog = within(await screen.findByRole('dialog'))
  await user.click(dialog.getByLabelText('Text of main.cf'))
  await user.paste(mainCf)
  return dialog
}

test('an archive is one that tar opens, with its modes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tar-'))
  const long = 'ñ'.repeat(700)
  const entries = [
    { name: 'main.cf', text: long },
    { name: 'sasl_passwd', text: 'x\n', secret: true },
    { name: 'empty', text: '' },
  ]
  writeFileSync(join(folder, 'a.tar'), tar(entries, 1_795_000_000))
  execFileSync('tar', ['xpf', 'a.tar'], { cwd: folder })
  for (const { name, text } of entries) expect(readFileSync(join(folder, name), 'utf8')).toBe(text)
  expect(statSync(join(folder, 'sasl_passwd')).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'main.cf')).mtimeMs).toBe(1_795_000_000_000)
})

test('every reason has words; one that has none is shown as it is', () => {
  const words = (reason: string | null) => reasonWords({ reason, error: null })
  for (const code of reasonCodes) expect(words(code)).not.toMatch(/undefined|transfer\.|Reason:/)
  expect(words('new')).toBe('Reason: `new`')
  expect(words(null)).toBe('')
})

test('an import is seen before it applies, and can be undone', async () => {
  const { platform, sent, user } = open()
  const dialog = await importing(user, 'relayhost = [smtp.school.test]:587\nbiff = no\ncontent_filter = x\n')
  await user.selectOptions(dialog.getByLabelText('File'), 'aliases')
  await user.click(dialog.getByLabelText('Text of aliases'))
  await user.paste('soporte: ana\n')
  await user.click(dialog.getByRole('button', { name: 'See what it would change' }))
  expect(await dialog.findByRole('heading', { name: '2 things would change' })).toBeTruthy()
  expect(dialog.getByText('alias soporte')).toBeTruthy()
  // What is lost comes first; the rest is one click away.
  expect(dialog.getByText('There is no such setting here.')).toBeTruthy()
  expect(dialog.queryByText(/how Postfix itself is built/)).toBeNull()
  await user.click(dialog.getByRole('radio', { name: 'Not needed 1' }))
  expect(dialog.getByText(/how Postfix itself is built/)).toBeTruthy()
  expect(platform.engine.flow.aliases.some(({ name }) => name === 'soporte')).toBe(false)
  await user.click(dialog.getByRole('button', { name: 'Apply' }))
  expect(await screen.findByText(/configuration of Postfix is taken over/)).toBeTruthy()
  expect(screen.queryByRole('dialog')).toBeNull()
  expect(platform.engine.flow.aliases.find(({ name }) => name === 'soporte')?.targets).toEqual(['ana'])
  await user.click(screen.getByRole('button', { name: /Undo/ }))
  expect(await screen.findByText('Everything is as before the import.')).toBeTruthy()
  expect(sent('settings.set').at(-1)).toMatchObject({ flow: { relayhost: '' } })
  expect(sent('alias.remove')).toEqual([{ name: 'soporte' }])
})

test('an import that makes an open relay asks for the name of the host', async () => {
  const { sent, user } = open()
  const dialog = await importing(user, 'mynetworks = 0.0.0.0/0')
  await user.click(dialog.getByRole('button', { name: 'See what it would change' }))
  const apply = await dialog.findByRole('button', { name: 'Apply all the same' })
  await user.click(apply)
  expect(sent('postfix.import')).toHaveLength(1)
  await user.type(dialog.getByLabelText('Type mail.lab.test to confirm'), 'mail.lab.test')
  await user.click(apply)
  await waitFor(() => expect(sent('postfix.import')).toHaveLength(2))
  expect(sent('postfix.import')[1]).toMatchObject({ dryRun: false, confirmOpenRelay: 'mail.lab.test' })
})

test('the files of an export are read, copied and saved', async () => {
  const { platform, user } = open()
  await user.click(await screen.findByText('See the files…', undefined, patient))
  const dialog = within(await screen.findByRole('dialog'))
  expect(await dialog.findByText(/myhostname = mail.lab.test/)).toBeTruthy()
  await user.selectOptions(dialog.getByLabelText('File'), 'dovecot.conf')
  expect(dialog.getByText(/etc\/postfix\/dovecot-users/)).toBeTruthy()
  await user.click(dialog.getByRole('button', { name: 'Save this file' }))
  await user.click(dialog.getByRole('button', { name: 'Save all (.tar)' }))
  await waitFor(() => expect(platform.saved.map(({ name }) => name)).toEqual(['dovecot.conf', 'postigo-postfix.tar']))
})
