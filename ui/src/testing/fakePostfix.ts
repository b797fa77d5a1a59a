import type { MailFlow, Params, PostfixFate, PostfixImported, PostfixLine, Reply, Settings, SettingsPatch } from '$api'
import { ApiError } from '$platform'
import type { FakeFlow } from './fakeFlow'

type PostfixMethod = 'postfix.import' | 'postfix.export'
export const isPostfix = (method: string): method is PostfixMethod => method.startsWith('postfix.')

interface World {
  settings: () => Settings
  change: (patch: SettingsPatch) => void
  flow: FakeFlow
}
const internal = ['biff', 'append_dot_mydomain', 'readme_directory', 'compatibility_level', 'smtpd_banner']
const builtIn = ['smtpd_relay_restrictions', 'home_mailbox', 'mailbox_size_limit']

/** Reads and writes Postfix's files for the settings that the pictures and tests show. */
export class FakePostfix {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  answer<M extends PostfixMethod>(method: M, params: Params<M>): Reply<M> {
    const answers: { [K in PostfixMethod]: (params: Params<K>) => Reply<K> } = {
      'postfix.import': (asked) => this.#import(asked),
      'postfix.export': (asked) => ({ files: this.#export(asked) }),
    }
    return answers[method](params)
  }

  #import({ files, dryRun, confirmOpenRelay }: Params<'postfix.import'>): PostfixImported {
    const { current } = this.#world.settings()
    const flow = structuredClone(current.flow)
    const report = Object.entries(files).flatMap(([file, text]) =>
      file === 'main.cf'
        ? parameters(text).map((line) => read(line, flow))
        : [{ ...whole(file), ...(file === 'aliases' ? {} : { fate: 'ignored' as const, reason: 'notReferenced' }) }],
    )
    const changed = (['myNetworks', 'relayhost', 'relayDomains'] as const).filter(
      (field) => String(flow[field]) !== String(current.flow[field]),
    )
    const open = flow.myNetworks.find((one) => one.endsWith('/0'))
    const openRelay = open === undefined ? null : { setting: 'mynetworks', value: open, host: current.host }
    const aliases = aliasesOf(files.aliases ?? '').flatMap(({ name, targets }) => {
      const before = this.#world.flow.aliases.find((one) => one.name === name)?.targets ?? []
      return String(before) === String(targets) ? [] : [{ name, before, after: targets }]
    })
    if (!dryRun) {
      if (openRelay && confirmOpenRelay !== current.host)
        throw new ApiError({ code: 'setting.open_relay', text: 'open', params: { ...openRelay } })
      this.#world.change({ flow, ...(confirmOpenRelay !== null && { confirmOpenRelay }) })
      for (const { name, after } of aliases) this.#world.flow.answer('alias.set', { name, targets: after })
    }
    return {
      applied: !dryRun,
      report,
      settings: changed.map((field) => ({
        name: { myNetworks: 'mynetworks', relayhost: 'relayhost', relayDomains: 'relay_domains' }[field],
        before: [current.flow[field]].flat().join(', '),
        after: [flow[field]].flat().join(', '),
      })),
      aliases,
      forwards: [],
      relayPassword: false,
      openRelay,
    }
  }

  #export({ language, folder }: Params<'postfix.export'>): Record<string, string> {
    const { host, domains, flow } = this.#world.settings().current
    const say = (en: string, es: string) => `# ${language === 'es' ? es : en}\n`
    const list = this.#world.flow.aliases.map(({ name, targets }) => `${name}\t${targets.join(', ')}\n`).join('')
    return {
      'main.cf':
        say(
          'Written by Postigo. The tables it names lie in the same folder.',
          'Escrito por Postigo. Las tablas que nombra están en la misma carpeta.',
        ) +
        `compatibility_level = 3.6\n` +
        say('The server and its domains.', 'El servidor y sus dominios.') +
        `myhostname = ${host}\nmydestination = ${domains.join(', ')}\nmyorigin = ${domains[0] ?? ''}\n` +
        say('Who may send anywhere without a password.', 'Quién puede enviar a cualquier sitio sin contraseña.') +
        `mynetworks = ${flow.myNetworks.join(', ')}\n` +
        say('Where mail for others goes.', 'Adónde va el correo para otros.') +
        `relayhost = ${flow.relayhost}\nrelay_domains = ${flow.relayDomains.join(', ')}\n` +
        `virtual_alias_maps = texthash:$config_directory/virtual, texthash:$config_directory/forwards\n`,
      'master.cf': '25 inet n - n - - smtpd\n',
      'dovecot.conf': `protocols = imap\nmail_location = maildir:~/Maildir\npassdb {\n  driver = passwd-file\n  args = scheme=CRYPT username_format=%u ${folder}/dovecot-users\n}\n`,
      virtual: list,
      'dovecot-users': '',
    }
  }
}

interface Parameter {
  line: number
  name: string
  value: string
}
function parameters(text: string): Parameter[] {
  return text.split('\n').flatMap((line, place) => {
    const found = /^([a-z_0-9]+)\s*=\s*(.*)$/i.exec(line)
    return found ? [{ line: place + 1, name: found[1] ?? '', value: (found[2] ?? '').trim() }] : []
  })
}

/** Puts a parameter into its setting, and says what became of it. */
function read({ line, name, value }: Parameter, flow: MailFlow): PostfixLine {
  const told = (fate: PostfixFate, reason: string | null = null, error: PostfixLine['error'] = null) => ({
    ...{ file: 'main.cf', line, name, value, fate, reason, error },
  })
  const list = value.split(/[\s,]+/).filter(Boolean)
  if (internal.includes(name)) return told('ignored', 'postfixInternal')
  if (builtIn.includes(name)) return told('ignored', 'builtIn')
  if (name === 'inet_interfaces' && value === '192.0.2.77')
    return told('unsupported', 'value', { code: 'listen.not_here', text: '', params: { address: value } })
  if (name === 'relayhost') flow.relayhost = value
  else if (name === 'mynetworks') flow.myNetworks = list
  else if (name === 'relay_domains') flow.relayDomains = list
  else if (!['myhostname', 'mydestination', 'alias_maps'].includes(name)) return told('unsupported', 'noCounterpart')
  return told('taken')
}
function whole(file: string): PostfixLine {
  return { file, line: 0, name: '', value: '', fate: 'taken', reason: null, error: null }
}
function aliasesOf(text: string): { name: string; targets: string[] }[] {
  return text.split('\n').flatMap((line) => {
    const found = /^([^#:\s]+)\s*:\s*(.+)$/.exec(line)
    return found ? [{ name: found[1] ?? '', targets: (found[2] ?? '').split(/[\s,]+/) }] : []
  })
}
