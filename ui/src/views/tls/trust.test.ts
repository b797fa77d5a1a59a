import { expect, test } from 'vitest'
import type { Session } from '$api'
import { overwriteGetLocale } from '$lib/paraglide/runtime'
import { tls } from '../../testing/data/server'
import { sessions } from '../../testing/data/sessions'
import { stepsFor } from './steps'
import { arrivalAmong, listenerState, namesText, peersOf, shortPrint, suiteWords, verdict } from './trust'

const made = (id: number, more: Partial<Session>): Session => ({ ...sessions[0]!, id, ...more })

test('of each program the last try counts, and who refuses comes first', () => {
  const peers = peersOf(sessions)
  expect(peers.map(({ name, trusts, session }) => [name, trusts, session.id])).toEqual([
    ['127.0.0.1', false, 53],
    ['mutt', true, 54],
    ['portatil', true, 48],
    ['swaks', true, 44],
  ])
  const again = peersOf([made(60, { clientName: null, peer: '127.0.0.1' }), ...sessions])
  expect(again.every(({ trusts }) => trusts)).toBe(true)
})
test('who never tried TLS is not in the list', () => {
  expect(peersOf([made(1, { tls: null, result: 'done' })])).toEqual([])
})

test('the title says the worst', () => {
  overwriteGetLocale(() => 'en')
  const server = (daysLeft: number) => ({ ...tls, server: { ...tls.server, daysLeft } })
  expect(verdict(tls, []).status).toBe('pass')
  expect(verdict(tls, peersOf(sessions)).title).toContain('One program does not trust us')
  expect(verdict(server(3), peersOf(sessions)).title).toContain('3 days')
  expect(verdict(server(-1), []).status).toBe('fail')
  expect(verdict({ ...tls, listeners: tls.listeners.map((one) => ({ ...one, open: false })) }, []).status).toBe('off')
})

test('a listener whose last client refused says so', () => {
  const states = tls.listeners.map((one) => listenerState(one, false).status)
  expect(states).toEqual(['pass', 'pass', 'pass', 'pass', 'warn'])
  expect(listenerState(tls.listeners[0]!, true).status).toBe('fail')
})

test('the last step waits for a program of the user’s own', () => {
  const since = sessions[0]!.opened
  const now = { opened: since + 1, closed: null, service: 'imaps' } as const
  expect(arrivalAmong([made(60, { ...now, opened: since - 1 })], since)).toBeUndefined()
  expect(arrivalAmong([made(60, { ...now, clientName: 'Postigo' })], since)).toBeUndefined()
  expect(arrivalAmong([made(60, { ...now, clientName: null, user: null })], since)).toBeUndefined()
  expect(arrivalAmong([made(60, { ...now, service: 'smtp' })], since)).toBeUndefined()
  expect(arrivalAmong([made(60, now)], since)).toMatchObject({ trusts: true })
  expect(arrivalAmong([made(60, { ...now, tls: null, result: 'notTrusted' })], since)).toMatchObject({ trusts: false })
})

test('names stand apart, each as a name', () => {
  overwriteGetLocale(() => 'es')
  expect(namesText(['lab.test'])).toBe('`lab.test`')
  expect(namesText(['lab.test', 'localhost'])).toBe('`lab.test` y `localhost`')
})

test('suites and prints are short', () => {
  expect(suiteWords('TLSv1.3', 'TLS13_AES_256_GCM_SHA384')).toBe('1.3 · AES-256-GCM')
  expect(suiteWords('TLSv1.3', 'TLS13_CHACHA20_POLY1305_SHA256')).toBe('1.3 · ChaCha20')
  expect(suiteWords('TLSv1.2', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256')).toBe('1.2 · AES-128-GCM')
  expect(shortPrint(tls.server.fingerprint)).toBe('7C:51…AD:14')
})

test('a path with a space is quoted for the shell', () => {
  const [copy] = stepsFor('debian', { ...tls, authorityPath: "/home/ana/Mi correo/it's.pem" })
  expect(copy?.command).toContain(String.raw`'/home/ana/Mi correo/it'\''s.pem'`)
})
