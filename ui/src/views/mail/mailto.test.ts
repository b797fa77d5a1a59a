import { expect, test } from 'vitest'
import { openingOf } from './mailto'

const none = { to: [], cc: [], subject: '', text: '' }

test('a plain address is one, and nothing is nothing', () => {
  expect(openingOf('Ana <ana@lab.test>, luis@lab.test')).toEqual({
    ...none,
    to: ['Ana <ana@lab.test>', 'luis@lab.test'],
  })
  expect(openingOf('')).toEqual(none)
  expect(openingOf('mailto:')).toEqual(none)
})

test.each([
  ['mailto:luis@lab.test?subject=Hola', { to: ['luis@lab.test'], subject: 'Hola' }],
  ['MAILTO:?to=a@x.test,b@x.test&CC=c@x.test', { to: ['a@x.test', 'b@x.test'], cc: ['c@x.test'] }],
  [
    'mailto:a+b@x.test?subject=1+1%3D2&body=uno%0D%0Ados%3F?',
    { to: ['a+b@x.test'], subject: '1+1=2', text: 'uno\ndos??' },
  ],
  ['mailto:%22not%40me%22@x.test', { to: ['"not@me"@x.test'] }],
  ['mailto:a@x.test?subject=%C2%BFCu%C3%A1ndo%3F', { to: ['a@x.test'], subject: '¿Cuándo?' }],
])('%s', (link, expected) => {
  expect(openingOf(link)).toEqual({ ...none, ...expected })
})

test('a link smuggles in no hidden recipient, no file, no header and no second line', () => {
  expect(openingOf('mailto:a@x.test?bcc=spy@x.test&attach=/etc/passwd&from=b@x.test')).toEqual({
    ...none,
    to: ['a@x.test'],
  })
  expect(openingOf('mailto:a@x.test%0D%0ABcc:spy@x.test').to).toEqual(['a@x.test  Bcc:spy@x.test'])
  expect(openingOf('mailto:a@x.test?subject=Hi%0D%0ABcc:%20spy@x.test').subject).toBe('Hi  Bcc: spy@x.test')
  expect(openingOf('mailto:%ff?subject=%zz')).toEqual(none)
})
