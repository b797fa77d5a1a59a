// Fails when anything but src/platform imports Tauri, anything but src/lib/icons.ts imports lucide, or anything that is
// shipped imports the fake engine. These are the seams that keep the two faces, the drawings and the tests apart.
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { sourceFiles, root } from './sources.mjs'

const rules = [
  { what: /^@tauri-apps\//, allowed: /^src\/platform\// },
  { what: /^@lucide\//, allowed: /^src\/lib\/icons\.ts$/ },
  { what: /^src\/testing(\/|$)/, allowed: /^src\/testing\/|\.test\.ts$/ },
]
const imports = /(?:\bfrom\s*|\bimport\s*\(?\s*)['"]([^'"]+)['"]/g

const faults = []
for (const file of sourceFiles()) {
  for (const [, name] of readFileSync(join(root, file), 'utf8').matchAll(imports)) {
    const target = name.startsWith('.') ? relative(root, join(root, dirname(file), name)) : name
    const rule = rules.find(({ what }) => what.test(target))
    if (rule && !rule.allowed.test(file)) faults.push(`${file}: may not import ${name}`)
  }
}
if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}
