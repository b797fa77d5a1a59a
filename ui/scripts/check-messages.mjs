// Fails when a key is missing in one language, lies in two files, takes other placeholders than in the other language, is
// used nowhere, or is used but nowhere defined; and when markup has literal text, which could not be translated.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'svelte/compiler'
import { sourceFiles, root } from './sources.mjs'

const read = (path) => readFileSync(join(root, path), 'utf8')
const { locales, 'plugin.inlang.messageFormat': format } = JSON.parse(read('project.inlang/settings.json'))
const faults = []

/** key → placeholders, of all files of one language. */
function catalogue(locale) {
  const keys = new Map()
  for (const pattern of format.pathPattern) {
    const path = pattern.replace('{locale}', locale)
    for (const [key, message] of Object.entries(JSON.parse(read(path)))) {
      if (key === '$schema') continue
      if (keys.has(key)) faults.push(`${path}: ${key} is already in another file`)
      const placeholders = [...JSON.stringify(message).matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      keys.set(key, [...new Set(placeholders)].sort().join(' '))
      if (typeof message === 'string' && message.trim() === '') faults.push(`${path}: ${key} is empty`)
    }
  }
  return keys
}

const catalogues = locales.map((locale) => [locale, catalogue(locale)])
const all = new Map(catalogues.flatMap(([, keys]) => [...keys]))
for (const [locale, keys] of catalogues) {
  for (const [key, placeholders] of all) {
    if (!keys.has(key)) faults.push(`messages/${locale}: ${key} is missing`)
    // A plural may leave its number out of "one message", so variants are compared by what the other language has.
    else if (keys.get(key) !== placeholders && !/\bcount\b/.test(`${placeholders} ${keys.get(key)}`)) {
      faults.push(`messages/${locale}: ${key} has the placeholders {${keys.get(key)}}, elsewhere {${placeholders}}`)
    }
  }
}

const used = new Set()
for (const file of sourceFiles()) {
  for (const [, key] of read(file).matchAll(/\bm\[\s*'([^']+)'\s*,?\s*\]/g)) {
    used.add(key)
    if (!all.has(key)) faults.push(`${file}: ${key} is in no catalogue`)
  }
}
for (const key of all.keys()) if (!used.has(key)) faults.push(`${key} is used nowhere`)

// Words in markup. Signs, and what a machine says in every language (C, S, Postigo with translate="no"), may stand.
const spoken = new Set(['aria-label', 'title', 'placeholder', 'alt', 'label', 'text', 'lead', 'help'])
const words = /\p{L}{2,}/u
function walk(node, file, source, silent) {
  if (!node || typeof node !== 'object') return
  if (Array.isArray(node)) return node.forEach((child) => walk(child, file, source, silent))
  if (node.type === 'Text' && !silent && words.test(node.data)) {
    const line = source.slice(0, node.start).split('\n').length
    faults.push(`${file}:${line}: literal text “${node.data.trim().slice(0, 40)}”`)
  }
  if (node.type === 'Attribute') {
    return walk(node.value, file, source, !spoken.has(node.name))
  }
  const untranslated = node.attributes?.some?.(({ name, value }) => name === 'translate' && value?.[0]?.data === 'no')
  const mute = silent || untranslated || node.name === 'style' || node.name === 'script'
  for (const part of [
    'fragment',
    'nodes',
    'attributes',
    'consequent',
    'alternate',
    'body',
    'fallback',
    'pending',
    'then',
    'catch',
  ]) {
    walk(node[part], file, source, part === 'attributes' ? false : mute)
  }
}
for (const file of sourceFiles().filter((name) => name.endsWith('.svelte'))) {
  const source = read(file)
  walk(parse(source, { modern: true }).fragment, file, source, false)
}

if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}
