import { expect, test } from 'vitest'
import { looksLikeAddress, recipientOf, recipientOfPerson, splitRecipients } from './addresses'

test('typed text is divided where a person means it', () => {
  expect(splitRecipients('ana@lab.test, luis@lab.test;marta@lab.test\npepe@lab.test')).toEqual([
    'ana@lab.test',
    'luis@lab.test',
    'marta@lab.test',
    'pepe@lab.test',
  ])
  expect(splitRecipients('"Vega, Luis" <luis@lab.test>, Ana <ana@lab.test>')).toEqual([
    '"Vega, Luis" <luis@lab.test>',
    'Ana <ana@lab.test>',
  ])
  expect(splitRecipients(' , ;\n')).toEqual([])
  expect(splitRecipients('"nunca cerrado, ana@lab.test\nluis@lab.test')).toHaveLength(2)
})

test('a recipient has a name and an address, or only the address', () => {
  expect(recipientOf('"Vega, Luis" <luis@lab.test>')).toEqual({
    typed: '"Vega, Luis" <luis@lab.test>',
    name: 'Vega, Luis',
    address: 'luis@lab.test',
  })
  expect(recipientOf('mailto:ana@lab.test')).toMatchObject({ address: 'ana@lab.test', name: '' })
  expect(recipientOf('nada')).toEqual({ typed: 'nada', name: '', address: 'nada' })
})

test('a line end never gets into an address, nor a sign that turns the writing', () => {
  const { typed, address } = recipientOf('ana@lab.test\r\nBcc: spy@evil.test')
  expect(typed + address).not.toMatch(/[\r\n]/)
  expect(recipientOf('\u202eana@lab.test').address).toBe('ana@lab.test')
})

test('names with signs of the header are quoted, and come back the same', () => {
  const person = { name: 'Vega "el alto", Luis \\', address: 'luis@lab.test' }
  const { typed } = recipientOfPerson(person)
  expect(splitRecipients(typed)).toEqual([typed])
  expect(recipientOf(typed)).toMatchObject(person)
})

test('what looks like an address', () => {
  expect(['a@b', 'ana@lab.test', 'ñ@lab.test'].every(looksLikeAddress)).toBe(true)
  expect(
    ['', 'ana', '@lab.test', 'a b@lab.test', 'a@b@c', 'a@b,c@d', `${'a'.repeat(320)}@b`].some(looksLikeAddress),
  ).toBe(false)
})
