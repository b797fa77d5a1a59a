import { expect, test } from 'vitest'
import { findCommands, type Command } from './commands.svelte'

const command = (id: string, label: string, terms?: string): Command => ({
  id,
  group: '',
  label,
  icon: 'mail',
  terms,
  run: () => undefined,
})
const all = [
  command('a', 'Repetir el asistente'),
  command('b', 'Página de sesiones'),
  command('c', 'Tamaño', 'message_size_limit'),
]
const ids = (typed: string) => findCommands(all, typed).map(({ id }) => id)

test('every word counts, case and accents do not', () => {
  expect(ids('')).toEqual(['a', 'b', 'c'])
  expect(ids('PAGINA')).toEqual(['b'])
  expect(ids('asis rep')).toEqual(['a'])
  expect(ids('nothing')).toEqual([])
})
test('a Postfix name finds its setting', () => expect(ids('size_limit')).toEqual(['c']))
test('beginnings come first', () => {
  const two = [command('in', 'Abrir correo'), command('front', 'Correo')]
  expect(findCommands(two, 'corr').map(({ id }) => id)).toEqual(['front', 'in'])
})
