import { describe, expect, test } from 'vitest'
import { formatRoute, parseRoute, type Route } from './router.svelte'

const routes: [string, Route][] = [
  ['#/overview', { view: 'overview' }],
  ['#/mail', { view: 'mail' }],
  [
    '#/mail/luis%40lab.test/Taller%2FPuertas/213',
    { view: 'mail', account: 'luis@lab.test', folder: 'Taller/Puertas', uid: 213 },
  ],
  ['#/mailboxes/ana%40lab.test', { view: 'mailboxes', address: 'ana@lab.test' }],
  ['#/log?queue=4gFq2R0zXJ', { view: 'log', queueId: '4gFq2R0zXJ' }],
  ['#/sessions?refused', { view: 'sessions', refused: true }],
  ['#/sessions/48', { view: 'sessions', id: 48 }],
  ['#/journey/4gFq2R0zXJ', { view: 'journey', queueId: '4gFq2R0zXJ' }],
  ['#/queue/4gFpT71mQz', { view: 'queue', queueId: '4gFpT71mQz' }],
  ['#/flow/internet', { view: 'flow', piece: 'internet' }],
  ['#/names/2.0.192.in-addr.arpa', { view: 'names', origin: '2.0.192.in-addr.arpa' }],
  ['#/settings/ports', { view: 'settings', section: 'ports' }],
  ['#/wizard', { view: 'wizard' }],
]

test.each(routes)('%s', (address, route) => {
  expect(formatRoute(route)).toBe(address)
  expect(parseRoute(address)).toEqual(route)
})

describe('what was typed into the address bar', () => {
  test.each(['', '#', '#/', '#/nowhere', '#/../mail', '#/%'])('%s leads to the overview', (hash) => {
    expect(parseRoute(hash)).toEqual({ view: 'overview' })
  })
  test('a broken number or escape is left out', () => {
    expect(parseRoute('#/sessions/4x')).toEqual({ view: 'sessions' })
    expect(parseRoute('#/mail/%E0%A4%A/INBOX')).toEqual({ view: 'mail', folder: 'INBOX' })
  })
})
