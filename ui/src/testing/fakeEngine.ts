import type {
  Account,
  Error as WireError,
  Event,
  Method,
  Params,
  Reply,
  ServerStatus,
  Storage,
  StorageWish,
} from '$api'
import { ApiError } from '$platform'
import { journey, logLines } from './data/log'
import { folders } from './data/mail'
import { accounts } from './data/people'
import { listeners, overview, running, settings, tls } from './data/server'
import { sessionDetail, sessions } from './data/sessions'
import { now } from './data/time'
import { flowEdge } from './data/flow'
import { checkPatch, FakeFlow, isFlow } from './fakeFlow'
import { FakeMail } from './fakeMail'
import { FakePostfix, isPostfix } from './fakePostfix'
import { FakeQueue } from './fakeQueue'
import { FakeSuppression, type SuppressionMethod } from './fakeSuppression'
import { FakeSetup, isSetup } from './fakeSetup'

/**
 * A running server with a morning's mail; a new one; one that fails; one stopped by hand; one nobody wrote to; one with a
 * certificate of its own; one that does not know the page; the edge server of a school; an open relay; one
 * with a hundred thousand messages in its queue.
 */
export type Scene = 'running' | 'setup' | 'fail' | 'stopped' | 'empty' | 'own' | 'stranger' | 'edge' | 'open' | 'crowd'

type MailMethod = Extract<Method, `mail.${string}`>
type QueueMethod = Extract<Method, `queue.${string}`>
type SetupMethod = Parameters<FakeSetup['answer']>[0]
type OwnMethod = Exclude<
  Method,
  | MailMethod
  | QueueMethod
  | SuppressionMethod
  | SetupMethod
  | Parameters<FakeFlow['answer']>[0]
  | Parameters<FakePostfix['answer']>[0]
>
type Answers = { [M in OwnMethod]: (params: Params<M>) => Reply<M> }

const held: WireError = {
  code: 'port.taken',
  text: 'Port 2525 is in use.',
  params: { port: '2525', detail: 'Address already in use', program: 'python3', pid: '4410' },
}

/** Answers every command from made-up data, and changes that data as a real engine would. For development and unit tests only. */
export class FakeEngine {
  status: ServerStatus
  accounts: Account[]
  readonly mail: FakeMail
  readonly queue: FakeQueue
  readonly suppression: FakeSuppression
  readonly flow: FakeFlow
  readonly postfix: FakePostfix
  readonly setup: FakeSetup
  #settings = settings
  readonly #emit: (event: Event) => void
  readonly #empty: boolean
  readonly #ownCertificate: boolean
  readonly #open: boolean
  readonly #knowsPage: boolean

  constructor(scene: Scene, emit: (event: Event) => void) {
    this.#emit = emit
    this.#empty = scene === 'empty' || scene === 'setup'
    this.#ownCertificate = scene === 'own'
    this.#knowsPage = scene !== 'stranger'
    this.accounts =
      scene === 'setup'
        ? []
        : accounts.map((one) => (scene === 'empty' ? { ...one, messages: 0, unseen: 0, octets: 0 } : one))
    this.status = sceneStatus(scene)
    this.mail = new FakeMail(this.#empty, emit, (waits) => this.queue.add(waits))
    this.queue = new FakeQueue(this.#empty, scene === 'crowd' ? 100_000 : 0, emit)
    this.suppression = new FakeSuppression(this.#empty)
    const { flow } = settings.current
    if (scene === 'edge') this.#settings = { ...settings, current: { ...settings.current, flow: flowEdge } }
    if (scene === 'open')
      this.#settings = {
        ...settings,
        current: { ...settings.current, flow: { ...flow, myNetworks: [...flow.myNetworks, '0.0.0.0/0'] } },
      }
    this.#open = scene === 'open'
    this.setup = new FakeSetup({ settings: () => this.#settings, status: () => this.status })
    this.flow = new FakeFlow({
      settings: () => this.#settings,
      accounts: () => this.accounts,
      empty: this.#empty,
    })
    this.postfix = new FakePostfix({
      settings: () => this.#settings,
      change: (patch) => void this.#answers['settings.set'](patch),
      flow: this.flow,
    })
  }

  answer<M extends Method>(method: M, params: Params<M>): Reply<M> {
    if (!this.#knowsPage) throw new ApiError({ code: 'face.unauthorized', text: 'The token is missing.', params: {} })
    if (isMail(method)) {
      const reply = (this.mail.answer as (method: Method, params: Params<M>) => Reply<M>).call(
        this.mail,
        method,
        params,
      )
      if (method === 'mail.send')
        return this.#sent(params as Params<'mail.send'>, reply as Reply<'mail.send'>) as Reply<M>
      return reply
    }
    if (isSetup(method))
      return (this.setup.answer as (method: Method, params: Params<M>) => Reply<M>).call(this.setup, method, params)
    if (isSuppression(method))
      return (this.suppression.answer as (method: Method, params: Params<M>) => Reply<M>).call(
        this.suppression,
        method,
        params,
      )
    const waiting = method === 'queue.get' && this.setup.queued((params as Params<'queue.get'>).queueId)
    if (waiting) return waiting as Reply<M>
    if (isQueue(method))
      return (this.queue.answer as (method: Method, params: Params<M>) => Reply<M>).call(this.queue, method, params)
    if (isFlow(method))
      return (this.flow.answer as (method: Method, params: Params<M>) => Reply<M>).call(this.flow, method, params)
    if (isPostfix(method))
      return (this.postfix.answer as (method: Method, params: Params<M>) => Reply<M>).call(this.postfix, method, params)
    const answer = this.#answers[method as keyof Answers] as (params: Params<M>) => Reply<M>
    return answer(params)
  }

  readonly #answers: Answers = {
    'server.status': () => this.status,
    'server.start': () => this.#setStatus({ ...running, domains: this.status.domains, host: this.status.host }),
    'server.stop': () =>
      this.#setStatus({
        ...this.status,
        phase: 'stopped',
        startedAt: null,
        listeners: listeners.map((one) => ({ ...one, open: false, sessions: 0 })),
      }),
    'server.reload': () => this.status,
    'setup.apply': ({ mode, domain, host, listen, flow, users }) => {
      this.accounts = [
        ...this.accounts,
        ...users
          .filter(({ user }) => !this.accounts.some((one) => one.user === user))
          .map((user) => ({
            ...accounts[0]!,
            ...user,
            address: `${user.user}@${domain}`,
            domain,
            messages: 0,
            unseen: 0,
            octets: 0,
            lastLogin: null,
            aliases: [],
          })),
      ]
      return this.#setStatus({ ...running, mode, role: flow?.role ?? 'standalone', listen, domains: [domain], host })
    },
    'setup.test': () => {
      setTimeout(() => this.#emit({ kind: 'sessions', sessions: sessions.filter(({ id }) => id === 48) }), 0)
      return {
        queueId: '4gFq2R0zXJ',
        session: 48,
        path: 'mail/lab.test/luis/Maildir/new/1795512067.M312.mail',
        uid: 214,
      }
    },
    overview: () =>
      this.#empty
        ? {
            ...overview,
            receivedToday: 0,
            sentToday: 0,
            refusedToday: 0,
            hourly: overview.hourly.map(() => 0),
            openSessions: 0,
            attention: [],
            recent: [],
          }
        : this.#open
          ? {
              ...overview,
              attention: [
                { code: 'openRelay', severe: true, params: { setting: 'mynetworks', value: '0.0.0.0/0' } },
                { code: 'destinationDown', severe: false, params: { destination: 'lento.test', messages: '31' } },
                ...overview.attention,
              ],
            }
          : overview,
    'account.list': () => this.accounts,
    'account.get': ({ address }) => ({
      account: this.#account(address),
      path: `/home/ana/Postigo/mail/lab.test/${address.split('@')[0]}/Maildir`,
      new: this.#account(address).unseen,
      cur: this.#account(address).messages - this.#account(address).unseen,
      tmp: 0,
      mailboxes: folders.map(({ name, role, messages, unseen }) => ({
        name,
        role,
        messages,
        unseen,
        octets: messages * 9_400,
      })),
      sessions: sessions.filter(({ user, closed }) => user === address && closed === null),
    }),
    'account.add': ({ address, displayName, storage }) => {
      const full = address.includes('@') ? address : `${address}@lab.test`
      if (this.accounts.some((one) => one.address === full)) throw refuse('account.exists', { address: full })
      const [user = '', domain = ''] = full.split('@')
      const added: Account = {
        address: full,
        user,
        domain,
        displayName,
        enabled: true,
        created: now,
        messages: 0,
        unseen: 0,
        octets: 0,
        lastLogin: null,
        aliases: [],
        storage: this.#storage(user, storage),
      }
      this.#setAccounts([...this.accounts, added])
      return added
    },
    'account.update': ({ address, displayName, enabled, storage }) => {
      const old = this.#account(address)
      const changed = {
        ...old,
        displayName: displayName ?? old.displayName,
        enabled: enabled ?? old.enabled,
        storage: storage ? this.#storage(old.user, storage) : old.storage,
      }
      this.#setAccounts(this.accounts.map((one) => (one.address === address ? changed : one)))
      return changed
    },
    'account.password': ({ address }) => {
      this.#account(address)
      return {}
    },
    'account.delete': ({ address, mail }) => {
      this.#account(address)
      this.#setAccounts(this.accounts.filter((one) => one.address !== address))
      return { path: mail === 'keep' ? `/home/ana/Postigo/mail/lab.test/${address}.deleted` : null }
    },
    'account.system_users': () => ({
      users: [
        { name: 'luis', fullName: 'Luis Vega', home: '/home/luis', account: null },
        { name: 'noelia', fullName: 'Noelia Pons', home: '/home/noelia', account: null },
      ],
      refusal: null,
      mailSpoolDirectory: '/var/mail',
      homeMailbox: 'Maildir/',
      defaultFormat: 'mbox',
    }),
    'log.list': ({ filter, before, after, limit }) => {
      const rank = ['info', 'warning', 'refused', 'error']
      const found = (this.#empty ? [] : logLines).filter(
        (line) =>
          (!filter.level || rank.indexOf(line.level) >= rank.indexOf(filter.level)) &&
          (filter.services.length === 0 || filter.services.includes(line.service)) &&
          (!filter.text || line.text.toLowerCase().includes(filter.text.toLowerCase())) &&
          (!filter.queueId || line.queueId === filter.queueId) &&
          (filter.session === null || line.session === filter.session) &&
          (before === null || line.id < before) &&
          (after === null || line.id > after),
      )
      const lines = found.slice(-(limit || 200))
      return { lines, more: lines.length < found.length, host: 'mail' }
    },
    'log.export': () => ({
      name: 'mail.log',
      mediaType: 'text/plain',
      text: logLines.map(({ text }) => text).join('\n'),
    }),
    'session.list': ({ services, refused, text, before, limit }) => {
      const bad = sessions.filter(({ result }) => !['open', 'accepted', 'done'].includes(result))
      const found = (this.#empty ? [] : refused ? bad : sessions).filter(
        (one) =>
          (services.length === 0 || services.includes(one.service)) &&
          (!text || JSON.stringify(one).toLowerCase().includes(text.toLowerCase())) &&
          (before === null || one.id < before),
      )
      return {
        sessions: found.slice(0, limit || 200),
        more: false,
        total: this.#empty ? 0 : sessions.length,
        refused: this.#empty ? 0 : bad.length,
      }
    },
    'session.get': ({ id, fromLine }) => sessionDetail(id, fromLine) ?? fail('session.unknown', { id: String(id) }),
    'journey.get': ({ queueId }) =>
      this.setup.journeyOf(queueId) ?? (queueId === journey.queueId ? journey : { ...journey, queueId }),
    'tls.status': () =>
      this.#ownCertificate
        ? { ...tls, authority: null, authorityPath: null, server: { ...tls.server, issuer: "Let's Encrypt R11" } }
        : tls,
    'tls.authority': () => ({
      name: 'postigo-lab.test-ca.pem',
      mediaType: 'application/x-pem-file',
      text: '-----BEGIN CERTIFICATE-----\n',
    }),
    'settings.get': () => this.#settings,
    'settings.set': (patch) => {
      checkPatch(patch, this.status.host)
      const { confirmOpenRelay: _, ...values } = patch
      Object.assign(this.#settings.current, values)
      this.#emit({ kind: 'settings' })
      return this.#settings
    },
  }

  /** What leaves for elsewhere has a journey of its own. */
  #sent({ draft }: Params<'mail.send'>, sent: Reply<'mail.send'>): Reply<'mail.send'> {
    const elsewhere = draft.to.find((one) => !/@lab\.test>?$/.test(one.trim()))
    if (!elsewhere) return sent
    const queueId = '4gFzN3wQkD'
    this.setup.sent(queueId, elsewhere)
    return { ...sent, queueId, reply: `250 2.0.0 Ok: queued as ${queueId}` }
  }
  #setStatus(status: ServerStatus): ServerStatus {
    this.status = status
    this.#emit({ kind: 'status', status })
    return status
  }
  #setAccounts(next: Account[]): void {
    this.accounts = next
    this.#emit({ kind: 'accounts' })
  }
  #storage(user: string, wish: StorageWish | null): Storage {
    const home = `/home/${wish?.systemUser ?? ''}/Maildir`
    const own = `/home/ana/Postigo/mail/lab.test/${user}/${wish?.format === 'mbox' ? 'mbox' : 'Maildir'}`
    const system = wish?.format === 'mbox' ? `/var/mail/${wish.systemUser ?? ''}` : home
    return {
      format: wish?.format ?? 'maildir',
      systemUser: wish?.systemUser ?? null,
      path: wish?.systemUser ? system : own,
      trouble: null,
    }
  }
  #account(address: string): Account {
    return this.accounts.find((one) => one.address === address) ?? fail('account.unknown', { address })
  }
}

function isMail(method: Method): method is MailMethod {
  return method.startsWith('mail.')
}
function isSuppression(method: Method): method is SuppressionMethod {
  return method.startsWith('suppression.')
}
function isQueue(method: Method): method is QueueMethod {
  return method.startsWith('queue.')
}
function sceneStatus(scene: Scene): ServerStatus {
  const closed = listeners.map((one) => ({ ...one, open: false, sessions: 0 }))
  if (scene === 'setup') return { ...running, phase: 'notSetUp', startedAt: null, domains: [], host: '', listeners: [] }
  if (scene === 'stopped') return { ...running, phase: 'stopped', startedAt: null, listeners: closed }
  if (scene === 'fail') {
    const failing = closed.map((one) => (one.service === 'smtp' ? { ...one, error: held } : one))
    return { ...running, phase: 'stopped', startedAt: null, error: held, listeners: failing }
  }
  return running
}

function refuse(code: WireError['code'], params: Record<string, string>): ApiError {
  return new ApiError({ code, text: code, params })
}
function fail(code: WireError['code'], params: Record<string, string>): never {
  throw refuse(code, params)
}
