// Takes pictures of every view over the fake engine: node scripts/shots.mjs [part of a name…] → shots/NAME-LOCALE-THEME-SIZE.png
// Names of scenes and of what is done before the picture are below. Chromium is Debian's, or $CHROMIUM.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { createServer } from 'vite'
import { root } from './sources.mjs'

const press = (key) => (page) => page.keyboard.press(key)
/** Fills nothing in: the wizard comes prefilled, so Enter leads from screen to screen. */
const wizard = (steps) => async (page) => {
  for (let step = 1; step < steps; step++) {
    await page.locator('.wizard-main > footer .button.primary:not([disabled])').click()
    await page.waitForTimeout(450)
  }
}

/** To a screen of a branch: which purpose (0: lab), which role in a classroom, and how often one goes on after that. */
const branch = (purpose, role, screens) => async (page) => {
  await wizard(2)(page)
  await page.locator('.wizard-main .choice').nth(purpose).click()
  await wizard(2)(page)
  if (purpose === 1) await page.locator('.wizard-main .choice').nth(role).click()
  await wizard(screens)(page)
}
const [client, inner, edge] = [0, 1, 2].map((role) => (screens) => branch(1, role, screens))
const real = (screens) => branch(2, 0, screens)
const fill = (fields) => async (page) => {
  for (const [place, text] of Object.entries(fields)) {
    await page.locator('.wizard-main .input').nth(Number(place)).fill(text)
  }
  await page.waitForTimeout(700)
}
const press25 = async (page) => {
  await page.locator('.wizard-main .ask button').click()
  await page.waitForTimeout(400)
}
/** From the screen of the way to the test that arrived, and so many screens further. */
const toTest = (screens) => async (page) => {
  await wizard(4)(page)
  await wizard(2)(page)
  await page.waitForTimeout(2600)
  await wizard(screens)(page)
}
const outward = (to) => async (page) => {
  await page.locator('.wizard-main input').first().fill(to)
  await page.locator('.wizard-main > footer .button.primary').click()
  await page.waitForTimeout(1600)
}
const all =
  (...acts) =>
  async (page) => {
    for (const act of acts) await act(page)
  }

const after = (first, then) => async (page) => {
  await first(page)
  await then(page)
}
/** The letter that was just written, with the menu of its later half open. */
const later = async (page) => {
  await answer(page)
  await page.locator('.compose footer .send .icon-button').click()
}
const laterTomorrow = async (page) => {
  await page.locator('.compose footer [role=menuitem]').nth(-3).click()
  await page.locator('.reading .banner').first().waitFor()
}
const laterDialog = press('Control+Shift+Enter')
const laterPast = (page) => page.locator('.dialog input').fill('2020-01-01T08:00')
const opened = (page) => page.locator('.reading .tabs').waitFor()
const tab = (place) => async (page) => {
  await page.locator('.reading [role=tab]').nth(place).click()
  await page.waitForTimeout(300)
}
const choose = (count) => async (page) => {
  const rows = page.locator('.message-list [role=option]')
  if (!(await rows.first().isVisible())) return
  await rows.first().click({ modifiers: ['Control'] })
  await rows.nth(count - 1).click({ modifiers: ['Shift'] })
}
const addAccount = async (page) => {
  const narrow = page.locator('.message-list .only-narrow button')
  if (await narrow.isVisible()) await narrow.click()
  await page.locator('.folders .add button').click()
  await page.locator('dialog[open] input').first().fill('luis@gran-correo.invalid')
  await page.locator('dialog[open] input').first().blur()
  await page.locator('dialog[open] input[type=password]').fill('secreto')
  await page.locator('dialog[open] .button.primary').click()
}
const answer = async (page) => {
  await opened(page)
  await press('r')(page)
  await page
    .locator('.compose-body')
    .pressSequentially('Marta:\n\nEn añil quedan mejor, sí. Tardan dos días más.\n\nLuis\n')
  await page.locator('.compose [role=combobox]').first().fill('Ana <ana@lab.test>, marta@gran-correo.test,')
  await page.waitForTimeout(2600)
}
const refused = async (page) => {
  await opened(page)
  await press('c')(page)
  await page.locator('.compose [role=combobox]').first().fill('ana@lab.test, lius@lab.test,')
  await page.locator('.compose-body').fill('¿Comemos?')
  await page.waitForTimeout(300)
  await press('Control+Enter')(page)
}
const sent = async (page) => {
  await opened(page)
  await press('r')(page)
  await page.waitForTimeout(400)
  await press('Control+Enter')(page)
}

/** What Debian writes, with something of each fate. */
const mainCf = `smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)
biff = no
myhostname = mail.lab.test
mydestination = lab.test, localhost
relayhost = [smtp.school.test]:587
mynetworks = 127.0.0.0/8 10.0.0.0/24
inet_interfaces = 192.0.2.77
content_filter = smtp-amavis:[127.0.0.1]:10024
mailbox_size_limit = 0
`
const importing = (text) => async (page) => {
  await page.locator('.setting button').first().click()
  await page.locator('dialog textarea').fill(text)
  await page.locator('dialog select').selectOption('aliases')
  await page.locator('dialog textarea').fill('postmaster: root\nroot: ana, luis\n')
  await page.locator('dialog [type=submit]').click()
}

const scenes = {
  'wizard-1': { query: 'setup' },
  'wizard-2': { query: 'setup', act: wizard(2) },
  'wizard-3': { query: 'setup', act: wizard(3) },
  'wizard-3-local': {
    query: 'setup',
    act: async (page) => {
      await wizard(3)(page)
      await page.locator('.wizard-main input').first().fill('aula.local')
      await page.waitForTimeout(500)
    },
  },
  'wizard-4': { query: 'setup', act: wizard(4) },
  'wizard-5': { query: 'setup', act: wizard(5) },
  'wizard-5-test': {
    query: 'setup',
    act: async (page) => {
      await wizard(6)(page)
      await page.waitForTimeout(2500)
    },
  },
  'wizard-role': { query: 'setup', act: client(1) },
  'wizard-client': { query: 'setup', act: client(3) },
  'wizard-client-login': {
    query: 'setup',
    act: all(client(3), fill({ 0: '[smtp.instituto.test]:587' }), async (page) => {
      await page.locator('.wizard-main .checkbox input').click()
      await fill({ 1: 'lab', 2: 'secreto' })(page)
      await page.locator('.wizard-main .stack .button-row button').first().click()
      await page.waitForTimeout(500)
    }),
  },
  'wizard-client-wrong': {
    query: 'setup',
    act: all(client(3), fill({ 0: 'mail.lab.test', 3: '0.0.0.0/0' }), async (page) => {
      await page.locator('.wizard-main .input').nth(3).scrollIntoViewIfNeeded()
    }),
  },
  'wizard-client-plan': { query: 'setup', act: all(client(3), fill({ 0: '[smtp.instituto.test]:25' }), wizard(4)) },
  'wizard-client-outward': {
    query: 'setup',
    act: all(client(3), fill({ 0: '[smtp.instituto.test]:25' }), toTest(2)),
  },
  'wizard-client-sent': {
    query: 'setup',
    act: all(client(3), fill({ 0: '[smtp.instituto.test]:25' }), toTest(2), outward('marta@gran-correo.test')),
  },
  'wizard-client-waits': {
    query: 'setup',
    act: all(client(3), fill({ 0: '[smtp.instituto.test]:25' }), toTest(2), outward('nadie@lejos.invalid')),
  },
  'wizard-inner': { query: 'setup', act: all(inner(3), fill({ 0: '[192.168.1.2]' })) },
  'wizard-inner-records': {
    query: 'setup',
    act: all(inner(3), fill({ 0: '[192.168.1.2]' }), toTest(2), async (page) => {
      await page.locator('.wizard-main > footer .button').nth(1).click()
      await page.waitForTimeout(400)
    }),
  },
  'wizard-edge': {
    query: 'setup',
    act: all(edge(3), async (page) => {
      await page.locator('.wizard-main .button-row .button').first().click()
      await page.locator('.wizard-main .segmented [role=radio]').nth(1).click()
      await fill({
        0: 'ana.instituto.test',
        1: '[10.0.0.3]:2525',
        2: 'luis.instituto.test',
        4: 'ana@ana.instituto.test',
      })(page)
    }),
  },
  'wizard-edge-empty': { query: 'setup', act: all(edge(3), wizard(2)) },
  'wizard-real': { query: 'setup', act: all(real(2)) },
  'wizard-real-open': { query: 'setup', act: all(real(2), fill({ 0: 'abierto.test' }), press25) },
  'wizard-real-closed': { query: 'setup', act: all(real(2), fill({ 0: 'cerrado.test' }), press25) },
  'wizard-real-unknown': { query: 'setup', act: all(real(2), press25) },
  'wizard-real-records': {
    query: 'setup',
    act: all(real(2), toTest(2), async (page) => {
      await page.locator('.wizard-main > footer .button').nth(1).click()
      await page.waitForTimeout(400)
      await fill({ 0: '5.196.224.198' })(page)
    }),
  },
  'wizard-again-plan': {
    hash: '#/wizard',
    query: 'edge',
    act: all(client(3), fill({ 0: '[smtp.instituto.test]:25' }), wizard(4)),
  },
  'wizard-again': { hash: '#/wizard', act: wizard(4) },
  'start-error': { query: 'fail' },
  'start-stranger': { query: 'stranger' },
  stopped: { query: 'stopped' },
  palette: { act: press('Control+k') },
  keys: { act: press('?') },
  overview: { hash: '#/overview' },
  ...Object.fromEntries(
    ['swaks', 'curl', 'python'].map((program, place) => [
      `overview-${program}`,
      {
        hash: '#/overview',
        act: (page) =>
          page
            .locator('.card [role=radio]')
            .nth(place + 1)
            .click(),
      },
    ]),
  ),
  'overview-name': { hash: '#/overview', act: (page) => page.locator('.card footer button').click() },
  'overview-empty': { hash: '#/overview', query: 'empty' },
  mail: { hash: '#/mail/luis%40lab.test/INBOX/214', act: opened },
  'mail-journey': { hash: '#/mail/luis%40lab.test/INBOX/214', act: tab(1) },
  'mail-headers': { hash: '#/mail/luis%40lab.test/INBOX/212', act: tab(2) },
  'mail-parts': { hash: '#/mail/luis%40lab.test/INBOX/214', act: tab(3) },
  'mail-source': { hash: '#/mail/luis%40lab.test/INBOX/214', act: tab(4) },
  'mail-quoted': { hash: '#/mail/luis%40lab.test/INBOX/213', act: opened },
  'mail-html': { hash: '#/mail/luis%40lab.test/INBOX/212', act: opened },
  'mail-picture': { hash: '#/mail/luis%40lab.test/INBOX/205', act: opened },
  'mail-sent-copy': { hash: '#/mail/luis%40lab.test/Sent/31', act: tab(1) },
  'mail-list': { hash: '#/mail/luis%40lab.test/INBOX' },
  'mail-long': { hash: '#/mail/luis%40lab.test/Archive' },
  'mail-chosen': { hash: '#/mail/luis%40lab.test/INBOX', act: choose(3) },
  'mail-account': { hash: '#/mail/luis%40lab.test/INBOX', act: addAccount },
  'mail-move': { hash: '#/mail/luis%40lab.test/INBOX/214', act: after(opened, press('v')) },
  'mail-compose': { hash: '#/mail/luis%40lab.test/INBOX/213', act: answer },
  'mail-later-menu': { hash: '#/mail/luis%40lab.test/INBOX/213', act: later },
  'mail-later-typed': { hash: '#/mail/luis%40lab.test/INBOX/213', act: all(answer, laterDialog) },
  'mail-later-past': { hash: '#/mail/luis%40lab.test/INBOX/213', act: all(answer, laterDialog, laterPast) },
  'mail-later-sent': { hash: '#/mail/luis%40lab.test/INBOX/213', act: all(later, laterTomorrow) },
  'mail-compose-new': { hash: '#/mail/luis%40lab.test/INBOX/213', act: after(opened, press('c')) },
  'mail-compose-refused': { hash: '#/mail/luis%40lab.test/INBOX/213', act: refused },
  'mail-sent': { hash: '#/mail/luis%40lab.test/INBOX/213', act: sent },
  'mail-stopped': { hash: '#/mail/luis%40lab.test/INBOX/214', query: 'stopped' },
  'mail-empty': { hash: '#/mail', query: 'empty' },
  mailboxes: { hash: '#/mailboxes/luis%40lab.test' },
  'mailboxes-add': {
    hash: '#/mailboxes?add=postmaster',
    act: async (page) => {
      await page.locator('dialog[open] input').nth(1).fill('ana')
    },
  },
  'mailboxes-move': {
    hash: '#/mailboxes/luis%40lab.test',
    act: async (page) => {
      await page.locator('.disk button').last().click()
      await page.locator('dialog[open] select').selectOption('systemMbox')
    },
  },
  'mailboxes-password': { hash: '#/mailboxes/luis%40lab.test', act: (page) => page.locator('.actions button').click() },
  'mailboxes-delete': {
    hash: '#/mailboxes/luis%40lab.test',
    act: async (page) => {
      await press('Delete')(page)
      await page.locator('dialog[open] input[type=text], dialog[open] input.mono').last().fill('luis')
    },
  },
  queue: { hash: '#/queue/4gFpT71mQz' },
  'queue-later': { hash: '#/queue/4gFpW93kTb' },
  'queue-none-picked': { hash: '#/queue' },
  'queue-chosen': {
    hash: '#/queue',
    act: async (page) => {
      await page.locator('.queue-row .row-check').nth(1).click()
      await page.locator('.queue-row .row-check').nth(3).click()
    },
  },
  'queue-delete': { hash: '#/queue/4gFpT71mQz', act: press('Delete') },
  'queue-crowd': { hash: '#/queue', query: 'crowd' },
  'queue-suppressed': { hash: '#/queue?suppressed' },
  'queue-empty': { hash: '#/queue', query: 'empty' },
  flow: { hash: '#/flow/networks' },
  'flow-edge': { hash: '#/flow/internet', query: 'edge' },
  'flow-relay': { hash: '#/flow/relay', query: 'edge' },
  'flow-aliases': { hash: '#/flow/aliases' },
  'flow-retries': { hash: '#/flow/retries' },
  'flow-checks': { hash: '#/flow/checks' },
  'flow-limits': { hash: '#/flow/limits' },
  'flow-test': {
    hash: '#/flow/internet',
    query: 'edge',
    act: (page) => page.locator('.test button').first().click(),
  },
  'flow-open': {
    hash: '#/flow/networks',
    act: async (page) => {
      await page.locator('.inspector textarea').fill('127.0.0.0/8\n::1\n0.0.0.0/0')
    },
  },
  'flow-confirm': {
    hash: '#/flow/networks',
    act: async (page) => {
      await page.locator('.inspector textarea').fill('127.0.0.0/8\n::1\n0.0.0.0/0')
      await page.locator('.inspector [type=submit]').click()
    },
  },
  'flow-refused': {
    hash: '#/flow/networks',
    act: async (page) => {
      const fields = page.locator('.simulator input')
      await fields.nth(0).fill('rey@correo-basura.test')
      await fields.nth(1).fill('marta@gran-correo.test')
      await fields.nth(2).fill('192.0.2.66')
    },
  },
  'overview-open': { hash: '#/overview', query: 'open' },
  names: {
    hash: '#/names/lab.test',
    act: (page) => page.locator('.inspector [type=submit]').click(),
  },
  'names-text': { hash: '#/names/lab.test', act: (page) => page.locator('.zones button').first().click() },
  'names-empty': { hash: '#/names', query: 'empty' },
  log: { hash: '#/log' },
  'log-line': { hash: '#/log', act: (page) => page.locator('.log-line', { hasText: 'delay=0.05' }).last().click() },
  'log-reject': { hash: '#/log', act: (page) => page.locator('.log-line', { hasText: 'NOQUEUE' }).last().click() },
  'log-same': { hash: '#/log?queue=4gFq2R0zXJ' },
  'log-paused': {
    hash: '#/log',
    act: async (page) => {
      await page.mouse.move(500, 300)
      await page.mouse.wheel(0, -3000)
    },
  },
  'log-empty': { hash: '#/log', query: 'empty' },
  journey: { hash: '#/journey/4gFq2R0zXJ' },
  sessions: { hash: '#/sessions' },
  'sessions-refused': { hash: '#/sessions?refused' },
  'sessions-empty': { hash: '#/sessions', query: 'empty' },
  'session-imap': { hash: '#/sessions/54' },
  session: { hash: '#/sessions/48' },
  'session-refused': { hash: '#/sessions/45' },
  tls: { hash: '#/tls' },
  'tls-debian': { hash: '#/tls', act: (page) => page.getByRole('radio', { name: 'Debian' }).click() },
  'tls-own': { hash: '#/tls', query: 'own' },
  settings: { hash: '#/settings' },
  'settings-server': {
    hash: '#/settings/server',
    act: async (page) => {
      await page.locator('.setting input').nth(2).fill('0.0.0.0')
      await page.locator('.segmented [role=radio]').nth(2).click()
    },
  },
  'settings-limits': {
    hash: '#/settings/limits',
    act: async (page) => {
      await page.locator('.setting input').nth(1).fill('7')
      await page.locator('.setting input').first().fill('100')
      await page.locator('.setting input').first().press('Enter')
    },
  },
  'settings-tls': {
    hash: '#/settings/tls',
    act: (page) => page.locator('.setting input').first().fill('/etc/ssl/mail.pem'),
  },
  'settings-transfer': { hash: '#/settings/transfer' },
  'transfer-files': {
    hash: '#/settings/transfer',
    act: async (page) => {
      await page.locator('.setting button').first().click()
      await page.locator('dialog textarea').fill(mainCf)
    },
  },
  'transfer-review': { hash: '#/settings/transfer', act: importing(mainCf) },
  'transfer-open': { hash: '#/settings/transfer', act: importing('mynetworks = 0.0.0.0/0\n') },
  'transfer-same': {
    hash: '#/settings/transfer',
    act: async (page) => {
      await page.locator('.setting button').first().click()
      await page.locator('dialog textarea').fill('biff = no\n')
      await page.locator('dialog [type=submit]').click()
    },
  },
  'transfer-export': { hash: '#/flow', act: (page) => page.locator('.page-actions button').last().click() },
  'settings-search': { hash: '#/settings', act: (page) => page.locator('.search-field input').fill('smtpd_') },
  'settings-none': { hash: '#/settings', act: (page) => page.locator('.search-field input').fill('relayhost') },
}
/** 200 % zoom is half the CSS pixels at twice the density. */
const sizes = {
  full: { viewport: { width: 1280, height: 860 } },
  small: { viewport: { width: 900, height: 600 } },
  zoom200: { viewport: { width: 640, height: 430 }, deviceScaleFactor: 2 },
}
const locales = ['es', 'en']
const themes = ['light', 'dark']

const wanted = process.argv.slice(2)
const only = (name) => wanted.length === 0 || wanted.some((part) => name.includes(part))
const port = Number(process.env.SHOTS_PORT ?? 5179)
const out = join(root, 'shots')
mkdirSync(out, { recursive: true })

const server = await createServer({
  root,
  mode: 'fake',
  server: { port, strictPort: true, hmr: false, watch: null },
  logLevel: 'error',
})
await server.listen()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
let failures = 0
try {
  for (const [size, options] of Object.entries(sizes)) {
    const context = await browser.newContext({ ...options, locale: 'en-GB', timezoneId: 'UTC' })
    const page = await context.newPage()
    page.setDefaultTimeout(8000)
    await page.clock.setFixedTime(new Date('2026-11-24T10:47:00Z'))
    page.on('pageerror', (error) => console.error(`${page.url()}: ${error.message}`))
    for (const [name, scene] of Object.entries(scenes)) {
      for (const locale of locales) {
        for (const theme of themes) {
          const file = `${name}-${locale}-${theme}-${size}`
          if (!only(file)) continue
          try {
            await page.goto('about:blank')
            await page.goto(
              `http://127.0.0.1:${port}/?locale=${locale}&theme=${theme}&${scene.query ?? ''}${scene.hash ?? ''}`,
            )
            await page.locator('#postigo > *').first().waitFor()
            await page.evaluate(() => document.fonts.ready)
            await page.waitForTimeout(350)
            await scene.act?.(page)
            await page.waitForTimeout(400)
            await page.screenshot({ path: join(out, `${file}.png`) })
            const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
            if (wide) console.error(`${file}: the page is wider than the window`)
          } catch (error) {
            failures += 1
            console.error(`${file}: ${error.message.split('\n')[0]}`)
          }
        }
      }
    }
    await context.close()
  }
} finally {
  await browser.close()
  await server.close()
}
process.exit(failures === 0 ? 0 : 1)
