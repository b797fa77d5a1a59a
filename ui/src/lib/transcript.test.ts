import { expect, test } from 'vitest'
import { SECRET } from '$api'
import { wireText } from './transcript'

test.each([
  ['220 mail.lab.test ESMTP', true, '220', '2'],
  ['250-PIPELINING', true, '250', '2'],
  ['354 End data', true, '354', '3'],
  ['451 4.3.0 later', true, '451', '4'],
  ['554 5.7.1 no', true, '554', '5'],
  ['a1 OK done', true, 'a1 OK', '2'],
  ['* NO warning', true, '* NO', '5'],
  ['a1 BAD syntax', true, 'a1 BAD', '5'],
  ['* 214 EXISTS', true, '', undefined],
  ['2500 is no reply', true, '', undefined],
  ['250 said by a client is text', false, '', undefined],
] as const)('%s', (text, fromServer, code, severity) => {
  const wire = wireText(text, fromServer)
  expect(wire.code).toBe(code)
  expect(wire.severity).toBe(severity)
  expect(wire.code + wire.pieces.map((piece) => piece.text).join('')).toBe(text)
})

test('a secret is a piece of its own, wherever it stands', () => {
  expect(wireText(`AUTH PLAIN ${SECRET}`, false).pieces).toEqual([
    { text: 'AUTH PLAIN ', secret: false },
    { text: SECRET, secret: true },
  ])
  expect(wireText(SECRET, false).pieces).toEqual([{ text: SECRET, secret: true }])
})
