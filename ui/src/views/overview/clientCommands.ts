import type { Listener, ServerStatus, Service } from '$api'

/** What a mail program on this computer needs to know. */
export interface ClientFacts {
  host: string
  /** A name that this computer resolves by itself and that the certificate holds, else `host`. */
  reachableHost: string
  /** What an address book entry or `--resolve` would give for `host`. */
  address: string
  user: string
  /** Somebody to write to in an example. */
  recipient: string
  imaps: number
  submission: number
  submissions: number
  /** The file of the local authority; none when the certificate is the user's own. */
  authority: string | null
}

export interface FactsInput {
  status: Pick<ServerStatus, 'host' | 'listen' | 'listeners' | 'mode'>
  tls: { authorityPath: string | null; server: { names: readonly string[] } } | undefined
  user: string
  recipient: string
}

export function clientFacts({ status, tls, user, recipient }: FactsInput): ClientFacts {
  const port = (service: OnPort) => portOf(status.listeners, service)
  return {
    host: status.host,
    reachableHost: status.mode !== 'internet' && tls?.server.names.includes('localhost') ? 'localhost' : status.host,
    address: localAddress(status.listen),
    user,
    recipient,
    imaps: port('imaps'),
    submission: port('submission'),
    submissions: port('submissions'),
    authority: tls?.authorityPath ?? null,
  }
}

/** Programs on this computer come in by a socket without ports. */
type OnPort = Exclude<Service, 'local'>

/** Where nobody says otherwise; `outgoing` is where other servers listen. */
const standardPorts: Record<OnPort, number> = {
  smtp: 25,
  submission: 587,
  submissions: 465,
  imap: 143,
  imaps: 993,
  outgoing: 25,
}

function portOf(listeners: readonly Listener[], service: OnPort): number {
  return listeners.find((listener) => listener.service === service)?.port ?? standardPorts[service]
}

/** Where this computer finds the server: a wildcard is every address, so the loopback one, too. */
export function localAddress(listen: string): string {
  if (listen === '0.0.0.0') return '127.0.0.1'
  return listen === '::' ? '::1' : listen
}

/** The line that makes the name known on this computer. */
export function hostsLine({ address, host }: Pick<ClientFacts, 'address' | 'host'>): string {
  return `${address} ${host}`
}

/** One word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** `subject` and `text` are in the user's language; the password is asked for, so that it stays out of the history. */
export function swaksCommand(facts: ClientFacts, subject: string, text: string): string {
  return command('swaks', [
    ['--server', facts.reachableHost, '--port', String(facts.submission)],
    ['--tls', '--tls-verify', ...(facts.authority === null ? [] : ['--tls-ca-path', facts.authority])],
    ['--auth-user', facts.user],
    ['--from', facts.user, '--to', facts.recipient],
    ['--header', `Subject: ${subject}`, '--body', text],
  ])
}

export function curlReadCommand(facts: ClientFacts): string {
  return command('curl', [
    ...curlTrust(facts, facts.imaps),
    ['--user', facts.user],
    ['--request', 'STATUS INBOX (MESSAGES UNSEEN)'],
    [`imaps://${facts.host}:${facts.imaps}/`],
  ])
}

export function curlSendCommand(facts: ClientFacts, subject: string, text: string): string {
  const headers = [`From: <${facts.user}>`, `To: <${facts.recipient}>`, `Subject: ${subject}`]
  // printf takes each argument as one line; CRLF is what RFC 5322 §2.3 asks for.
  const lines = [...headers, '', text].map(shellWord).join(' \\\n  ')
  const curl = command('curl', [
    ...curlTrust(facts, facts.submissions),
    ['--user', facts.user],
    ['--mail-from', facts.user, '--mail-rcpt', facts.recipient],
    ['--upload-file', '-', '--no-progress-meter'],
    [`smtps://${facts.host}:${facts.submissions}`],
  ])
  return `printf '%s\\r\\n' \\\n  ${lines} |\n${curl}`
}

function curlTrust({ authority, host, address, reachableHost }: ClientFacts, port: number): string[][] {
  return [
    ...(authority === null ? [] : [['--cacert', authority]]),
    ...(reachableHost === host ? [] : [['--resolve', `${host}:${port}:${bracketed(address)}`]]),
  ]
}
function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
function command(name: string, lines: readonly (readonly string[])[]): string {
  return [name, ...lines.map((words) => words.map(shellWord).join(' '))].join(' \\\n  ')
}

/** A script for Python 3.8 and later without further packages: sends one message, then counts what lies in the inbox. */
export function pythonScript(facts: ClientFacts, subject: string, text: string): string {
  const q = (word: string) => JSON.stringify(word)
  const context = facts.authority === null ? '' : `cafile=${q(facts.authority)}`
  return `import getpass, imaplib, smtplib, ssl
from email.message import EmailMessage

host, user = ${q(facts.reachableHost)}, ${q(facts.user)}
password = getpass.getpass()
tls = ssl.create_default_context(${context})

letter = EmailMessage()
letter["From"], letter["To"] = user, ${q(facts.recipient)}
letter["Subject"] = ${q(subject)}
letter.set_content(${q(text)})

with smtplib.SMTP_SSL(host, ${facts.submissions}, context=tls) as smtp:
    smtp.login(user, password)
    smtp.send_message(letter)

with imaplib.IMAP4_SSL(host, ${facts.imaps}, ssl_context=tls) as imap:
    imap.login(user, password)
    print(imap.select("INBOX", readonly=True))
`
}
