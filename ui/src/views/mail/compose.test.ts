import { expect, test } from 'vitest'
import type { Params } from '$api'
import { FakePlatform } from '../../testing/fakePlatform'
import { recipientOf } from './addresses'
import { decodedSize, encodedSize, fromBase64, toBase64 } from './bytes'
import { Composition } from './composition.svelte'
import { RecipientInput } from './recipientInput.svelte'
import { accounts } from '../../testing/data/people'

async function begin(kind: Params<'mail.compose'>['kind'] = { kind: 'new' }) {
  const platform = new FakePlatform('running', 0)
  const composition = new Composition(platform)
  await composition.begin('luis@lab.test', kind)
  const called = (name: string) => platform.calls.filter(({ method }) => method === name)
  return { platform, composition, called }
}

test('the engine is asked about each recipient once, and the bad ones stop the message', async () => {
  const { composition, called } = await begin()
  composition.to = ['ana@lab.test', 'lius@lab.test'].map(recipientOf)
  await composition.askRoutes()
  await composition.askRoutes()
  expect(called('mail.route')).toHaveLength(1)
  expect(composition.hopeless.map(({ address }) => address)).toEqual(['lius@lab.test'])
  expect(await composition.send(false)).toBeUndefined()
  expect(called('mail.send')).toHaveLength(0)
})

test('sent anyway, the refusal of the server is what one sees', async () => {
  const { composition } = await begin()
  composition.to = [recipientOf('lius@lab.test')]
  await composition.askRoutes()
  expect(await composition.send(true)).toBeUndefined()
  expect(composition.error?.code).toBe('mail.refused')
  expect(composition.error?.params.reply).toContain('550')
})

test('a mailto link fills in its fields', async () => {
  const composition = new Composition(new FakePlatform('running', 0))
  const to = 'mailto:luis@lab.test?subject=Hola&cc=ana@lab.test&body=%C2%BFComemos%3F'
  await composition.begin('luis@lab.test', { kind: 'new' }, { to })
  expect(composition.to).toEqual([recipientOf('luis@lab.test')])
  expect(composition.cc).toEqual([recipientOf('ana@lab.test')])
  expect([composition.subject, composition.text]).toEqual(['Hola', '¿Comemos?'])
})

test('without a recipient nothing is sent, and it is said', async () => {
  const { composition, called } = await begin()
  expect(await composition.send(false)).toBeUndefined()
  expect(composition.tried).toBe(true)
  expect(called('mail.send')).toHaveLength(0)
})

test('a draft is saved when something changed, and each version takes the place of the last', async () => {
  const { composition, called } = await begin()
  await composition.save()
  expect(called('mail.draft_save')).toHaveLength(0)
  composition.text = 'uno'
  composition.touch()
  await composition.save()
  await composition.save()
  expect(called('mail.draft_save')).toHaveLength(1)
  composition.touch()
  await composition.save()
  const [first, second] = called('mail.draft_save').map(({ params }) => (params as Params<'mail.draft_save'>).draft)
  expect(first?.savedAs).toBeNull()
  expect(second?.savedAs).toMatchObject({ folder: 'Drafts' })
})

test('what was sent is not saved again as a draft', async () => {
  const { composition, called } = await begin()
  composition.to = [recipientOf('ana@lab.test')]
  composition.touch()
  expect(await composition.send(false)).toMatchObject({ queueId: '4gFq2R0zXJ' })
  await composition.save()
  expect(called('mail.draft_save')).toHaveLength(0)
})

test('an answer has its recipient, the subject once with Re:, and the line above the quote', async () => {
  const message = { account: 'luis@lab.test', folder: 'INBOX', uid: 213 }
  const { composition, called } = await begin({ kind: 'reply', message })
  expect(composition.to).toMatchObject([{ address: 'marta@lab.test' }])
  expect(composition.subject).toBe('Re: Presupuesto de las puertas')
  expect((called('mail.compose')[0]?.params as Params<'mail.compose'>).attribution).toMatch(/:$/)
})

test('typing makes recipients at a comma, and keeps what is not finished', async () => {
  const { composition } = await begin()
  const line = new RecipientInput(composition, 'to')
  line.type('ana@lab.test')
  expect([composition.to.length, line.text]).toEqual([0, 'ana@lab.test'])
  line.type('ana@lab.test,')
  expect([composition.to.length, line.text]).toEqual([1, ''])
  line.type('ANA@lab.test, luis@lab.test, mar')
  expect(composition.to.map(({ address }) => address)).toEqual(['ana@lab.test', 'luis@lab.test'])
  expect(line.text).toBe('mar')
  line.type('"Vega, Lu')
  expect([composition.to.length, line.text]).toEqual([2, '"Vega, Lu'])
  line.text = ''
  line.reopen()
  expect([composition.to.length, line.text]).toEqual([1, 'luis@lab.test'])
})

test('people of this server are offered by name and address, without accents, and not twice', async () => {
  const { composition } = await begin()
  const line = new RecipientInput(composition, 'to')
  line.known = accounts
  line.type('dia')
  expect(line.suggestions.map(({ user }) => user)).toEqual(['marta'])
  line.take(line.suggestions[0]!)
  expect(composition.to).toMatchObject([{ name: 'Marta Díaz', address: 'marta@lab.test' }])
  line.type('mar')
  expect(line.suggestions).toEqual([])
  // Switched off: it could receive nothing.
  line.type('taller')
  expect(line.suggestions).toEqual([])
})

test('attached octets come out as they went in, and their size is known beforehand', async () => {
  const bytes = Uint8Array.from({ length: 100_001 }, (_, place) => place % 256)
  const base64 = toBase64(bytes)
  expect(fromBase64(base64)).toEqual(bytes)
  expect(decodedSize(base64)).toBe(100_001)
  expect(encodedSize(57)).toBe(78)
  const { composition } = await begin()
  await composition.attach([new File([bytes], 'a.bin')])
  expect(composition.attachments).toMatchObject([{ name: 'a.bin', mediaType: 'application/octet-stream', base64 }])
  expect(composition.octets).toBe(encodedSize(100_001))
})
