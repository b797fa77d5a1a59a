import { render, screen } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { createRawSnippet } from 'svelte'
import { beforeEach, expect, test, vi } from 'vitest'
import { Preferences } from '../app/preferences.svelte'
import ConfirmDialog from './ConfirmDialog.svelte'
import Field from './Field.svelte'
import Menu from './Menu.svelte'
import Segmented from './Segmented.svelte'
import Tabs from './Tabs.svelte'

const text = (words: string) => createRawSnippet(() => ({ render: () => `<p>${words}</p>` }))
beforeEach(() => new Preferences().chooseLocale('en'))

test('a segmented choice is one tab stop, and the arrows choose', async () => {
  const user = userEvent.setup()
  const onchange = vi.fn()
  const options = ['all', 'in', 'out'].map((value) => ({ value, label: value }))
  render(Segmented, { label: 'Service', value: 'all', options, onchange })
  await user.tab()
  expect(document.activeElement).toBe(screen.getByRole('radio', { name: 'all' }))
  await user.keyboard('{ArrowLeft}')
  expect(onchange).toHaveBeenLastCalledWith('out')
  expect(screen.getByRole('radio', { name: 'out' }).getAttribute('aria-checked')).toBe('true')
  await user.tab()
  expect(document.activeElement).toBe(document.body)
})

test('tabs are reached by one tab and moved by arrows, Home and End', async () => {
  const user = userEvent.setup()
  const onchange = vi.fn()
  render(Tabs, {
    label: 'Parts',
    value: 'a',
    tabs: ['a', 'b', 'c'].map((value) => ({ value, label: value })),
    onchange,
  })
  await user.tab()
  await user.keyboard('{End}')
  expect(onchange).toHaveBeenLastCalledWith('c')
  await user.keyboard('{ArrowRight}')
  expect(onchange).toHaveBeenLastCalledWith('a')
})

test('a field ties its label, help and error to its control', async () => {
  const control = createRawSnippet<[{ id: string; 'aria-describedby'?: string; 'aria-invalid'?: true }]>(
    (attributes) => ({
      render: () =>
        `<input id="${attributes().id}" aria-describedby="${attributes()['aria-describedby']}" aria-invalid="${attributes()['aria-invalid']}">`,
    }),
  )
  render(Field, { label: 'Domain', help: 'help', error: 'no `good`', control })
  const input = screen.getByLabelText('Domain')
  expect(input.getAttribute('aria-invalid')).toBe('true')
  expect(document.getElementById(input.getAttribute('aria-describedby')!)?.textContent).toBe('no good')
  expect(screen.queryByText('help')).toBeNull()
})

test('a typed confirmation does nothing until the word is right', async () => {
  const user = userEvent.setup()
  const onconfirm = vi.fn()
  const props = {
    open: true,
    title: 'Delete?',
    action: 'Delete it',
    word: 'luis@lab.test',
    onconfirm,
    children: text('gone'),
  }
  render(ConfirmDialog, props)
  await user.click(screen.getByRole('button', { name: 'Delete it' }))
  expect(onconfirm).not.toHaveBeenCalled()
  await user.type(screen.getByRole('textbox'), 'luis@lab.test{Enter}')
  expect(onconfirm).toHaveBeenCalledOnce()
})

test('a menu moves with the arrows and runs what is pressed', async () => {
  const user = userEvent.setup()
  const run = vi.fn()
  render(Menu, {
    label: 'More',
    items: [
      { label: 'Copy', run: vi.fn() },
      { label: 'Delete…', danger: true, run },
    ],
  })
  await user.click(screen.getByRole('button', { name: 'More' }))
  await user.keyboard('{ArrowDown}{Enter}')
  expect(run).toHaveBeenCalledOnce()
})
