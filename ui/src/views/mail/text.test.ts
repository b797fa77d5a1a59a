import { expect, test } from 'vitest'
import { blocksOf, inlinesOf, type Block } from './text'

const kinds = (blocks: readonly Block[]) => blocks.map(({ kind }) => kind)
const links = (text: string) => inlinesOf(text).filter(({ kind }) => kind !== 'text')
const joined = (text: string) =>
  inlinesOf(text)
    .map((inline) => inline.text)
    .join('')

test('paragraphs are divided by empty lines and keep their own line ends', () => {
  expect(blocksOf('Hola:\r\n\r\nuno\r\ndos\r\n\r\n\r\n')).toEqual([
    { kind: 'text', text: 'Hola:' },
    { kind: 'text', text: 'uno\ndos' },
  ])
  expect(blocksOf(' \n\n')).toEqual([])
})

test('a long quote is folded, a short one and one that is all there is are not', () => {
  const quote = '> a\n> b\n>\n> c'
  const [, folded] = blocksOf(`Sí.\n${quote}`)
  expect(folded).toMatchObject({ kind: 'quote', lines: 4, fold: true })
  expect(blocksOf('Sí.\n> a')[1]).toMatchObject({ fold: false })
  expect(blocksOf(quote)[0]).toMatchObject({ fold: false })
})

test('quotes inside quotes lose one mark for each level', () => {
  const [quote] = blocksOf('> > dentro\n> fuera')
  expect(quote).toMatchObject({
    kind: 'quote',
    blocks: [
      { kind: 'quote', blocks: [{ kind: 'text', text: 'dentro' }] },
      { kind: 'text', text: 'fuera' },
    ],
  })
})

test('the signature goes on to the end', () => {
  expect(kinds(blocksOf('Hola\n\n-- \nMarta\n\n> no es una cita'))).toEqual(['text', 'signature'])
  expect(kinds(blocksOf('-- '))).toEqual(['text'])
})

test('a text made to hurt is taken apart all the same', () => {
  const started = performance.now()
  const marks = blocksOf(`${'>'.repeat(100_000)} x\n${'> '.repeat(50_000)}y`)
  expect(marks).toHaveLength(1)
  blocksOf('> a\n\n'.repeat(100_000))
  expect(joined(`http://x${')'.repeat(500_000)}`)).toHaveLength(500_008)
  expect(joined('a@'.repeat(200_000))).toHaveLength(400_000)
  expect(joined('a.'.repeat(200_000))).toHaveLength(400_000)
  expect(performance.now() - started).toBeLessThan(5000)
})

test('addresses of the web become links, and say where they lead', () => {
  expect(links('Mira https://lab.test/a?b=1#c, y (http://x.test/A_(b)).')).toEqual([
    { kind: 'link', text: 'https://lab.test/a?b=1#c', href: 'https://lab.test/a?b=1#c' },
    { kind: 'link', text: 'http://x.test/A_(b)', href: 'http://x.test/A_(b)' },
  ])
  expect(links('https://bаnk.test/')).toMatchObject([{ href: 'https://xn--bnk-6cd.test/' }])
})

test('nothing but web and mail becomes a link', () => {
  for (const text of [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(document.cookie)',
    'data:text/html,<script>alert(1)</script>',
    'file:///etc/passwd',
    'postigo://settings',
    'vbscript:x',
    'https://',
    'http://[::1',
    `https://lab.test/${'a'.repeat(3000)}`,
  ]) {
    expect(links(text)).toEqual([])
    expect(joined(text)).toBe(text)
  }
})

test('a link ends at markup, quotation marks and signs that turn the direction of writing', () => {
  expect(links('<a href="https://x.test/">')).toMatchObject([{ text: 'https://x.test/' }])
  expect(links('https://x.test/\u202egnp.exe')).toMatchObject([{ text: 'https://x.test/' }])
  expect(links('https://x.test/\u200bevil')).toMatchObject([{ text: 'https://x.test/' }])
})

test('mail addresses are for writing to, without what a mailto could smuggle in', () => {
  expect(links('a ana@lab.test.')).toEqual([{ kind: 'address', text: 'ana@lab.test', address: 'ana@lab.test' }])
  expect(links('mailto:ana@lab.test?bcc=spy@evil.test&body=x')).toMatchObject([{ address: 'ana@lab.test' }])
  expect(links('mailto:a@x.test,b@y.test')).not.toContainEqual(
    expect.objectContaining({ address: 'a@x.test,b@y.test' }),
  )
  expect(
    links('mailto:%0d%0aBcc:spy@evil.test').every((one) => one.kind === 'address' && !/\s/.test(one.address)),
  ).toBe(true)
})
