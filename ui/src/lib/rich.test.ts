import { render } from '@testing-library/svelte'
import { expect, test } from 'vitest'
import { pieces } from './rich'
import Rich from './Rich.svelte'

test('marks become elements and the text between stays as it is', () => {
  expect(pieces('Run `ls` and **wait**, then [look](#/tls).')).toEqual([
    { kind: 'text', text: 'Run ' },
    { kind: 'code', text: 'ls' },
    { kind: 'text', text: ' and ' },
    { kind: 'strong', text: 'wait' },
    { kind: 'text', text: ', then ' },
    { kind: 'link', text: 'look', href: '#/tls' },
    { kind: 'text', text: '.' },
  ])
})

test('a link can only lead to a place in the app', () => {
  expect(pieces('[x](https://evil.test)').every(({ kind }) => kind === 'text')).toBe(true)
  expect(pieces('[x](javascript:alert)').every(({ kind }) => kind === 'text')).toBe(true)
})

test('markup in a parameter is shown, not obeyed', () => {
  const { container } = render(Rich, { text: '<img src=x onerror=alert(1)> `<b>`' })
  expect(container.querySelector('img, b')).toBeNull()
  expect(container.textContent).toBe('<img src=x onerror=alert(1)> <b>')
})
