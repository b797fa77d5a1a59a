// Made from server/api. Do not edit: run `make types`.

export type Account = { 
/**
 * `ana@lab.test`; also its key.
 */
address: string, 
/**
 * `ana`.
 */
user: string, 
/**
 * `lab.test`.
 */
domain: string, 
/**
 * For people to read.
 */
displayName: string, 
/**
 * Whether it may log in and receive.
 */
enabled: boolean, 
/**
 * When it was made.
 */
created: number, 
/**
 * Messages in all folders.
 */
messages: number, 
/**
 * Unseen messages in INBOX.
 */
unseen: number, 
/**
 * Octets in all folders.
 */
octets: number, 
/**
 * The last successful login.
 */
lastLogin: LastLogin | null, 
/**
 * Other addresses that are delivered here.
 */
aliases: Array<string>, 
/**
 * Where its mail lies for other programs.
 */
storage: Storage, };

export type AccountDelete = { 
/**
 * Which account.
 */
address: string, 
/**
 * What becomes of its mail.
 */
mail: MailFate, };

export type AccountDeleted = { 
/**
 * The folder, when it was kept.
 */
path: string | null, };

export type AccountDetail = { 
/**
 * The line of the list.
 */
account: Account, 
/**
 * The Maildir on disk.
 */
path: string, 
/**
 * Files in INBOX's `new`, not yet seen by any client.
 */
new: number, 
/**
 * Files in INBOX's `cur`.
 */
cur: number, 
/**
 * Files in INBOX's `tmp`, half written.
 */
tmp: number, 
/**
 * Folders with their counts.
 */
mailboxes: Array<MailboxCount>, 
/**
 * Its open sessions.
 */
sessions: Array<Session>, };

export type AccountPassword = { 
/**
 * Which account.
 */
address: string, 
/**
 * In clear on its way to the verifier; never stored.
 */
password: string, };

export type AccountRef = { 
/**
 * `ana@lab.test`, or the bare name where it is unambiguous.
 */
address: string, };

export type AccountUpdate = { 
/**
 * Which account.
 */
address: string, 
/**
 * A new display name.
 */
displayName: string | null, 
/**
 * Whether it may log in and receive.
 */
enabled: boolean | null, 
/**
 * Lets its mail lie elsewhere; what is there moves along.
 */
storage: StorageWish | null, };

export type Alias = { 
/**
 * `name` (in every domain of this server, `alias_maps`), `name@domain` (`virtual_alias_maps`), or `@domain`: everybody
 * else there (catch-all).
 */
name: string, 
/**
 * Names and addresses that get its mail.
 */
targets: Array<string>, };

export type AliasChange = { 
/**
 * See [`crate::Alias::name`].
 */
name: string, 
/**
 * Whom it stood for; nobody: there was none.
 */
before: Array<string>, 
/**
 * Whom it stands for then.
 */
after: Array<string>, };

export type AliasImport = { 
/**
 * The text of the file.
 */
text: string, };

export type AliasImported = { 
/**
 * Names that are there now.
 */
taken: Array<string>, 
/**
 * Lines that could not be taken, with the reason.
 */
refused: Array<string>, };

export type AliasRef = { 
/**
 * See [`Alias::name`].
 */
name: string, };

export type Attachment = { 
/**
 * IMAP section, `1.2`.
 */
part: string, 
/**
 * Its name, made safe for a file.
 */
name: string, 
/**
 * Its media type.
 */
mediaType: string, 
/**
 * Its size, decoded.
 */
octets: number, };

export type Attention = { 
/**
 * Which words.
 */
code: AttentionCode, 
/**
 * Whether it is an error or a warning.
 */
severe: boolean, 
/**
 * What the words need.
 */
params: { [key in string]: string }, };

export type AttentionCode = "listenerClosed" | "clientDistrusts" | "wrongPasswords" | "certificateEnds" | "diskAlmostFull" | "noPostmaster" | "openRelay" | "destinationDown" | "queueOld" | "queueLong" | "nameServerSilent" | "relayPasswordLocked" | "mailboxFileBehind" | "traceBehind";

export type BareNewlines = "refuse" | "normalise";

export type Certificate = { 
/**
 * Its common name.
 */
subject: string, 
/**
 * Who signed it.
 */
issuer: string, 
/**
 * The names it is for, or, for an authority, the names it may sign.
 */
names: Array<string>, 
/**
 * `ECDSA P-256`.
 */
key: string, 
/**
 * Valid from.
 */
notBefore: number, 
/**
 * Valid until.
 */
notAfter: number, 
/**
 * Whole days left; negative when it is past.
 */
daysLeft: number, 
/**
 * SHA-256 of the certificate, `AB:CD:...`.
 */
fingerprint: string, };

export type ClientLimits = { 
/**
 * `anvil_rate_time_unit`, seconds.
 */
rateUnitSeconds: number, 
/**
 * `smtpd_client_connection_rate_limit`.
 */
connectionRate: number, 
/**
 * `smtpd_client_message_rate_limit`: MAIL commands.
 */
messageRate: number, 
/**
 * `smtpd_client_recipient_rate_limit`: RCPT commands.
 */
recipientRate: number, 
/**
 * `smtpd_client_auth_rate_limit`: AUTH commands.
 */
authRate: number, 
/**
 * `smtpd_client_event_limit_exceptions`: clients without such limits, as in `mynetworks`; `$mynetworks` is those.
 */
limitExceptions: Array<string>, 
/**
 * `smtpd_error_sleep_time`: how long a client that makes many errors waits for each reply, seconds.
 */
errorSleepSeconds: number, 
/**
 * `smtpd_soft_error_limit`: from so many errors on it waits.
 */
softErrors: number, 
/**
 * `smtpd_hard_error_limit`: with so many errors the session ends.
 */
hardErrors: number, 
/**
 * `smtpd_junk_command_limit`: commands without use for a message (NOOP, RSET, …).
 */
junkCommands: number, 
/**
 * `smtpd_timeout`: how long a silent client is waited for, seconds.
 */
commandSeconds: number, };

export type ClientTimeouts = { 
/**
 * `smtp_connect_timeout`: for the connection.
 */
connectSeconds: number, 
/**
 * `smtp_helo_timeout`: for the greeting, for the reply to EHLO, and for each step of AUTH.
 */
heloSeconds: number, 
/**
 * `smtp_starttls_timeout`: for the TLS handshake.
 */
starttlsSeconds: number, 
/**
 * `smtp_mail_timeout`: for the reply to MAIL.
 */
mailSeconds: number, 
/**
 * `smtp_rcpt_timeout`: for the reply to RCPT.
 */
rcptSeconds: number, 
/**
 * `smtp_data_init_timeout`: for the reply to DATA.
 */
dataInitSeconds: number, 
/**
 * `smtp_data_xfer_timeout`: for the server to take the next block of content.
 */
dataXferSeconds: number, 
/**
 * `smtp_data_done_timeout`: for the reply to the end of the content. Less makes duplicates.
 */
dataDoneSeconds: number, };

export type Code = "request.bad" | "internal" | "server.not_running" | "server.not_set_up" | "data.locked" | "data.unusable" | "data.full" | "config.invalid" | "setting.invalid" | "setting.open_relay" | "setting.unknown" | "queue.unknown" | "suppression.unknown" | "address.invalid" | "alias.unknown" | "alias.loop" | "zone.unknown" | "zone.invalid" | "setup.exists" | "domain.invalid" | "domain.local" | "host.invalid" | "ip.invalid" | "network.invalid" | "network.host_bits" | "relayhost.missing" | "next_hop.invalid" | "next_hop.ourselves" | "next_hop.missing" | "relayhost.password_in_clear" | "relayhost.password_missing" | "relay_domain.missing" | "relay_domain.ours" | "relay_domain.twice" | "relay_recipient.foreign" | "listen.not_here" | "port.taken" | "port.privileged" | "account.exists" | "account.unknown" | "account.name_invalid" | "account.domain_foreign" | "system_user.unknown" | "system_user.no_right" | "system_user.taken" | "mailbox.locked" | "mailbox.invalid" | "account.password_invalid" | "session.unknown" | "journey.unknown" | "tls.certificate_invalid" | "mail.account_unknown" | "mail.unreachable" | "mail.login_refused" | "mail.not_trusted" | "mail.folder_unknown" | "mail.message_gone" | "mail.refused" | "mail.address_invalid" | "mail.too_large" | "mail.later_unsupported" | "mail.later_past" | "mail.later_too_far" | "mail.no_recipients" | "face.unreachable" | "face.unauthorized";

export type CommentLanguage = "en" | "es";

export type Compose = { 
/**
 * Who writes, see [`crate::MailAccount::id`].
 */
account: string, 
/**
 * What kind of message.
 */
kind: ComposeKind, 
/**
 * The line before quoted text, in the user's language, with `{name}` and `{date}` filled in by the caller.
 */
attribution: string | null, };

export type ComposeKind = { "kind": "new" } | { "kind": "reply", "message": MessageRef } | { "kind": "replyAll", "message": MessageRef } | { "kind": "forward", "message": MessageRef } | { "kind": "draft", "message": MessageRef };

export type ConfigEntry = { 
/**
 * Its name: Postfix's where Postfix has it.
 */
name: string, 
/**
 * Its value as text, in Postfix's manner.
 */
value: string, 
/**
 * The value it would have if nobody had changed it.
 */
default: string, 
/**
 * Whether the name is Postfix's.
 */
postfix: boolean, 
/**
 * The line that says the same in main.cf; none when Postfix has no such setting.
 */
mainCf: string | null, };

export type ConfigSet = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its new value as text; none: the default.
 */
value: string | null, 
/**
 * See [`crate::SettingsPatch::confirm_open_relay`].
 */
confirmOpenRelay: string | null, };

export type DnsAnswer = { 
/**
 * The name that was asked for.
 */
name: string, 
/**
 * The type of record.
 */
kind: string, 
/**
 * What came of it.
 */
outcome: DnsOutcome, 
/**
 * Records as a zone file writes them, with the name they were found under: `lab.test. 3600 MX 10 mail.lab.test.`
 */
records: Array<string>, 
/**
 * Who answered; none when nobody did, or when the answer was still known.
 */
server: string | null, 
/**
 * How long it took, microseconds.
 */
took: number, 
/**
 * Whether the answer was still known.
 */
fromCache: boolean, 
/**
 * Whether the server says that it checked the signatures (AD).
 */
authenticated: boolean, };

export type DnsOutcome = "found" | "noData" | "noDomain" | "serverFailure" | "refused" | "timedOut" | "truncated" | "unreachable" | "malformed";

export type DnsQuestion = { 
/**
 * A name, or an address for `PTR`.
 */
name: string, 
/**
 * `A`, `MX`, `TXT`.
 */
kind: string, };

export type DnsSettings = { 
/**
 * Servers to ask, `address` or `address:port`; empty: those of the system. `built-in` is our own.
 */
resolver: Array<string>, 
/**
 * Where our own name server listens, `address:port`; empty: nowhere.
 */
listen: string, };

export type Draft = { 
/**
 * Addresses as typed: `Ana <ana@lab.test>` or bare.
 */
to: Array<string>, 
/**
 * As above.
 */
cc: Array<string>, 
/**
 * As above.
 */
bcc: Array<string>, 
/**
 * The Subject field.
 */
subject: string, 
/**
 * Plain text.
 */
text: string, 
/**
 * Attached files.
 */
attachments: Array<File>, 
/**
 * The message this one answers.
 */
answers: MessageRef | null, 
/**
 * The message this one passes on.
 */
forwards: MessageRef | null, 
/**
 * Where it was saved, so that the old version can be removed.
 */
savedAs: MessageRef | null, };

export type Endpoint = { 
/**
 * Its name; the certificate must be for it.
 */
host: string, 
/**
 * Its port.
 */
port: number, 
/**
 * How it is encrypted.
 */
security: Security, };

export type Error = { 
/**
 * What kind of failure, for looking up the words in the user's language.
 */
code: Code, 
/**
 * The same in plain English, for the command line and the log.
 */
text: string, 
/**
 * What the words need: names, ports, paths.
 */
params: { [key in string]: string }, };

export type Event = { "kind": "status", 
/**
 * As it is now.
 */
status: ServerStatus, } | { "kind": "log", 
/**
 * At most 500 at a time.
 */
lines: Array<LogLine>, 
/**
 * How many were left out before these.
 */
skipped: number, } | { "kind": "sessions", 
/**
 * Each as it is now.
 */
sessions: Array<Session>, } | { "kind": "accounts" } | { "kind": "mail", 
/**
 * Which account, see [`MailAccount::id`].
 */
account: string, 
/**
 * Its name on the server.
 */
folder: string, 
/**
 * How many messages came in since the last event, 0 when only flags or counts changed.
 */
arrived: number, } | { "kind": "queue", 
/**
 * As it is now.
 */
counts: QueueCounts, } | { "kind": "settings" };

export type ExternalAccount = { 
/**
 * The address it sends from.
 */
address: string, 
/**
 * For people to read.
 */
displayName: string, 
/**
 * Login name, often the address.
 */
user: string, 
/**
 * Kept in a file that only this user can read.
 */
password: string, 
/**
 * Where to read.
 */
imap: Endpoint, 
/**
 * Where to hand in.
 */
submission: Endpoint, };

export type File = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its media type.
 */
mediaType: string, 
/**
 * Its content, base64.
 */
base64: string, };

export type FlagChange = { 
/**
 * Which messages.
 */
messages: MessageRefs, 
/**
 * Set read or unread.
 */
seen: boolean | null, 
/**
 * Set or take the star.
 */
flagged: boolean | null, };

export type Flags = { 
/**
 * Read.
 */
seen: boolean, 
/**
 * Replied to.
 */
answered: boolean, 
/**
 * Starred.
 */
flagged: boolean, 
/**
 * Unfinished.
 */
draft: boolean, 
/**
 * Passed on.
 */
forwarded: boolean, };

export type Folder = { 
/**
 * Its whole name on the server, decoded.
 */
name: string, 
/**
 * The last part of it.
 */
label: string, 
/**
 * How deep it lies, 0 at the top.
 */
depth: number, 
/**
 * What it is for (RFC 6154), INBOX included.
 */
role: FolderRole | null, 
/**
 * Whether it can hold messages.
 */
selectable: boolean, 
/**
 * Messages in it.
 */
messages: number, 
/**
 * Unseen ones.
 */
unseen: number, };

export type FolderRef = { 
/**
 * See [`MailAccount::id`].
 */
account: string, 
/**
 * See [`Folder::name`].
 */
folder: string, };

export type FolderRename = { 
/**
 * See [`MailAccount::id`].
 */
account: string, 
/**
 * See [`Folder::name`].
 */
folder: string, 
/**
 * The whole new name.
 */
to: string, };

export type FolderRole = "inbox" | "drafts" | "sent" | "archive" | "junk" | "trash";

export type Forward = { 
/**
 * The account.
 */
account: string, 
/**
 * Addresses; none: the mail stays.
 */
targets: Array<string>, 
/**
 * Whether the mailbox gets it, too.
 */
keepCopy: boolean, };

export type ForwardChange = { 
/**
 * As it was; without targets, the mail stayed here.
 */
before: Forward, 
/**
 * As it is then.
 */
after: Forward, };

export type HeaderField = { 
/**
 * As written.
 */
name: string, 
/**
 * Unfolded; encoded words decoded.
 */
value: string, 
/**
 * Unfolded, as written; only when it differs.
 */
raw: string | null, };

export type Journey = { 
/**
 * Our identifier.
 */
queueId: string, 
/**
 * The Message-ID field.
 */
messageId: string | null, 
/**
 * The Subject field.
 */
subject: string | null, 
/**
 * How it ended.
 */
outcome: Outcome, 
/**
 * In order.
 */
steps: Array<JourneyStep>, 
/**
 * The sessions in which it was handed on, with their transcripts reduced to this message.
 */
sessions: Array<SessionDetail>, };

export type JourneyRef = { 
/**
 * Our identifier.
 */
queueId: string, };

export type JourneyRow = { 
/**
 * Our identifier. None when the message was refused before it got one.
 */
queueId: string | null, 
/**
 * The session that brought it.
 */
session: number, 
/**
 * When.
 */
at: number, 
/**
 * The Subject field, decoded.
 */
subject: string | null, 
/**
 * Reverse-path of the envelope, empty for `<>`.
 */
reversePath: string, 
/**
 * Recipients of the envelope; at most 5.
 */
recipients: Array<string>, 
/**
 * How many there are in all.
 */
recipientCount: number, 
/**
 * Peer as it calls itself, or its address.
 */
client: string, 
/**
 * How it ended.
 */
outcome: Outcome, };

export type JourneyStep = { 
/**
 * When.
 */
at: number, 
/**
 * Which words.
 */
kind: StepKind, 
/**
 * What the words need.
 */
params: { [key in string]: string }, 
/**
 * The session it happened in.
 */
session: number | null, 
/**
 * Whether it went well.
 */
ok: boolean, };

export type LastLogin = { 
/**
 * When.
 */
at: number, 
/**
 * Over which service.
 */
service: Service, 
/**
 * How the client called itself, or its address.
 */
client: string, };

export type LastTls = { 
/**
 * When.
 */
at: number, 
/**
 * In which session.
 */
session: number, 
/**
 * `TLSv1.3`; none when it failed.
 */
version: string | null, 
/**
 * The cipher suite; none when it failed.
 */
cipher: string | null, 
/**
 * How that session ended.
 */
result: SessionResult, 
/**
 * The peer.
 */
client: string, };

export type Level = "info" | "warning" | "refused" | "error";

export type Listener = { 
/**
 * Which service.
 */
service: Service, 
/**
 * The port it has, or would have.
 */
port: number, 
/**
 * The port the standards give it.
 */
standardPort: number, 
/**
 * Why it is this port.
 */
reason: PortReason, 
/**
 * Whether TLS comes first (implicit) or on demand (STARTTLS).
 */
implicitTls: boolean, 
/**
 * Whether it accepts connections.
 */
open: boolean, 
/**
 * Why not, when it should.
 */
error: Error | null, 
/**
 * Sessions open at this moment.
 */
sessions: number, };

export type ListenerTls = { 
/**
 * Which service.
 */
service: Service, 
/**
 * Its port.
 */
port: number, 
/**
 * Whether it listens.
 */
open: boolean, 
/**
 * How TLS begins.
 */
start: TlsStart, 
/**
 * `1.2`, `1.3`.
 */
versions: Array<string>, 
/**
 * The last session that used it.
 */
last: LastTls | null, };

export type LocalUser = { 
/**
 * Its name; `unknown` when the system has none for the number.
 */
name: string, 
/**
 * Its number.
 */
uid: number, };

export type LogFilter = { 
/**
 * Only these levels and worse.
 */
level: Level | null, 
/**
 * Only these services.
 */
services: Array<string>, 
/**
 * Only lines that contain this, without regard to case.
 */
text: string | null, 
/**
 * Only lines about this message.
 */
queueId: string | null, 
/**
 * Only lines of this session.
 */
session: number | null, };

export type LogLine = { 
/**
 * Grows with each line; the key for paging.
 */
id: number, 
/**
 * When.
 */
at: number, 
/**
 * How much it matters.
 */
level: Level, 
/**
 * The part of the server, as Postfix names it: `smtpd`, `cleanup`, `qmgr`, `virtual`, `imap`, `postigo`.
 */
service: string, 
/**
 * Stands where Postfix has a process id: the session, so that lines of one conversation can be told from another's.
 */
pid: number, 
/**
 * The message it is about.
 */
queueId: string | null, 
/**
 * The session it is about.
 */
session: number | null, 
/**
 * What follows `service[pid]: `.
 */
text: string, };

export type LogPage = { 
/**
 * Oldest first.
 */
lines: Array<LogLine>, 
/**
 * Whether there are older ones that match.
 */
more: boolean, 
/**
 * The host name that stands in each line of the file, so that a line can be shown whole.
 */
host: string, };

export type LogQuery = { 
/**
 * Which lines.
 */
filter: LogFilter, 
/**
 * Only lines before this id; without it, the newest.
 */
before: number | null, 
/**
 * Only lines after this id.
 */
after: number | null, 
/**
 * At most so many; 0 is 200; 2000 at most.
 */
limit: number, };

export type MailAccount = { 
/**
 * Its key: the address for accounts of this server, `external:N` for others.
 */
id: string, 
/**
 * The address it sends from.
 */
address: string, 
/**
 * For people to read.
 */
displayName: string, 
/**
 * Whether it is an account of this server.
 */
local: boolean, 
/**
 * Where it reads its mail, `host:port`.
 */
imap: string, 
/**
 * Where it hands in its mail, `host:port`.
 */
submission: string, };

export type MailAccountRef = { 
/**
 * See [`MailAccount::id`].
 */
account: string, };

export type MailFate = "keep" | "remove";

export type MailFlow = { 
/**
 * `mynetworks`: clients that may send anywhere without a password; addresses and networks (`10.0.0.0/8`, `::1`).
 */
myNetworks: Array<string>, 
/**
 * `smtpd_tls_security_level`: TLS of other servers that send to us.
 */
inboundTls: TlsLevel, 
/**
 * `smtp_tls_security_level`: TLS with servers that we send to.
 */
outboundTls: TlsLevel, 
/**
 * `recipient_delimiter`: `ana+list@` is ana's. Empty: no such addresses.
 */
recipientDelimiter: string, 
/**
 * `relay_domains`: domains of others whose mail we take and pass on.
 */
relayDomains: Array<string>, 
/**
 * `relay_recipient_maps`: who exists there (`user@domain`, `@domain`); empty: anybody may.
 */
relayRecipients: Array<string>, 
/**
 * `relayhost`: the server that gets all mail for others, `[host]:port`; empty: each domain's own.
 */
relayhost: string, 
/**
 * The user name there, `smtp_sasl_password_maps`; empty: none. The password is kept apart.
 */
relayhostUser: string, 
/**
 * `sender_dependent_relayhost_maps`: sender (`user@domain` or `@domain`) to relay host.
 */
senderRelayhosts: Array<Mapping>, 
/**
 * `transport_maps`: domain (`d.test`, `.d.test`, `*`) or address to `smtp:[host]:port`, `error:text`, `discard:`.
 */
transports: Array<Mapping>, 
/**
 * `smtp_bind_address`: the address that outgoing connections come from; empty: the system's choice.
 */
bindAddress: string, };

export type MailFormat = "maildir" | "mbox";

export type MailboxCount = { 
/**
 * As IMAP names it.
 */
name: string, 
/**
 * What it is for.
 */
role: FolderRole | null, 
/**
 * Messages in it.
 */
messages: number, 
/**
 * Unseen ones.
 */
unseen: number, 
/**
 * Octets in it.
 */
octets: number, };

export type Mapping = { 
/**
 * What is looked up.
 */
key: string, 
/**
 * What is found.
 */
value: string, };

export type Message = { 
/**
 * The line of the list.
 */
row: MessageRow, 
/**
 * All recipients of the To field.
 */
to: Array<Person>, 
/**
 * The Cc field.
 */
cc: Array<Person>, 
/**
 * The Bcc field, in drafts and sent messages.
 */
bcc: Array<Person>, 
/**
 * The Reply-To field.
 */
replyTo: Array<Person>, 
/**
 * The Message-ID field, without brackets.
 */
messageId: string | null, 
/**
 * The text to show: the plain part, or the HTML part as text. At most 1 MiB.
 */
text: string, 
/**
 * Whether there is HTML, see `mail.html`.
 */
hasHtml: boolean, 
/**
 * Whether the HTML refers to something on the network.
 */
hasRemote: boolean, 
/**
 * Files attached, without those shown inside the HTML.
 */
attachments: Array<Attachment>, 
/**
 * All fields in order, decoded where they are encoded.
 */
headers: Array<HeaderField>, 
/**
 * The parts, as a tree.
 */
parts: MimePart, 
/**
 * Our identifier of its journey to this server, when this server received it.
 */
queueId: string | null, };

export type MessageHtml = { 
/**
 * A whole document, made safe; inline images are data URLs.
 */
html: string, 
/**
 * The Content-Security-Policy it must be served with.
 */
policy: string, };

export type MessageHtmlRef = { 
/**
 * See [`crate::MailAccount::id`].
 */
account: string, 
/**
 * See [`crate::Folder::name`].
 */
folder: string, 
/**
 * See [`MessageRow::uid`].
 */
uid: number, 
/**
 * Whether the reader asked for what lies on the network.
 */
remote: boolean, };

export type MessageMove = { 
/**
 * Which messages.
 */
messages: MessageRefs, 
/**
 * The other folder's name.
 */
to: string, };

export type MessagePage = { 
/**
 * Newest first.
 */
messages: Array<MessageRow>, 
/**
 * How many match.
 */
total: number, 
/**
 * Unseen messages in the folder.
 */
unseen: number, 
/**
 * When it changes, all UIDs known so far mean nothing (RFC 3501 §2.3.1.1).
 */
uidValidity: number, };

export type MessagePartRef = { 
/**
 * See [`crate::MailAccount::id`].
 */
account: string, 
/**
 * See [`crate::Folder::name`].
 */
folder: string, 
/**
 * See [`MessageRow::uid`].
 */
uid: number, 
/**
 * See [`Attachment::part`]. Empty for the whole message, octet by octet as it came.
 */
part: string, };

export type MessageQuery = { 
/**
 * See [`crate::MailAccount::id`].
 */
account: string, 
/**
 * See [`crate::Folder::name`].
 */
folder: string, 
/**
 * Only messages with this in header or text.
 */
text: string | null, 
/**
 * Only unseen ones.
 */
unseen: boolean, 
/**
 * Only flagged ones.
 */
flagged: boolean, 
/**
 * How many of the newest to pass over.
 */
offset: number, 
/**
 * At most so many; 0 is 100; 500 at most.
 */
limit: number, };

export type MessageRef = { 
/**
 * See [`crate::MailAccount::id`].
 */
account: string, 
/**
 * See [`crate::Folder::name`].
 */
folder: string, 
/**
 * See [`MessageRow::uid`].
 */
uid: number, };

export type MessageRefs = { 
/**
 * See [`crate::MailAccount::id`].
 */
account: string, 
/**
 * See [`crate::Folder::name`].
 */
folder: string, 
/**
 * At most 1000.
 */
uids: Array<number>, };

export type MessageRow = { 
/**
 * Its number in the folder.
 */
uid: number, 
/**
 * First author.
 */
from: Person | null, 
/**
 * Recipients, at most 10.
 */
to: Array<Person>, 
/**
 * The Subject field, decoded.
 */
subject: string, 
/**
 * The Date field, or when it arrived.
 */
date: number, 
/**
 * Its flags.
 */
flags: Flags, 
/**
 * Its size.
 */
octets: number, 
/**
 * Whether a file is attached.
 */
hasAttachment: boolean, 
/**
 * How its text begins, at most 200 characters.
 */
preview: string, };

export type MessageSource = { 
/**
 * Octets that are not UTF-8 are shown as U+FFFD.
 */
text: string, 
/**
 * Where the next piece begins.
 */
nextOffset: number | null, 
/**
 * Size of the whole.
 */
octets: number, };

export type MessageSourceRef = { 
/**
 * See [`crate::MailAccount::id`].
 */
account: string, 
/**
 * See [`crate::Folder::name`].
 */
folder: string, 
/**
 * See [`MessageRow::uid`].
 */
uid: number, 
/**
 * From this octet on.
 */
offset: number, 
/**
 * At most so many; 0 is 256 KiB; 4 MiB at most.
 */
limit: number, };

export type MimePart = { 
/**
 * IMAP section, `1.2`; empty at the top.
 */
part: string, 
/**
 * Media type.
 */
mediaType: string, 
/**
 * Charset, where it has one.
 */
charset: string | null, 
/**
 * Content-Transfer-Encoding, where it has one.
 */
encoding: string | null, 
/**
 * `inline` or `attachment`.
 */
disposition: string | null, 
/**
 * Name of the file.
 */
name: string | null, 
/**
 * Size as transferred.
 */
octets: number, 
/**
 * What is inside.
 */
children: Array<MimePart>, };

export type Mode = "lab" | "classroom" | "internet";

export type Moved = { 
/**
 * Their [`MessageRow::uid`]s in the other folder. Empty for messages that are gone for good, and where the server tells
 * no numbers (it has no UIDPLUS, RFC 4315). Messages that were gone already are missing.
 */
uids: Array<number>, };

export type NewAccount = { 
/**
 * `ana@lab.test`, or the bare name for the main domain.
 */
address: string, 
/**
 * For people to read; the user name when empty.
 */
displayName: string, 
/**
 * In clear on its way to the verifier; never stored.
 */
password: string, 
/**
 * Where its mail is to lie; none: a Maildir in the data folder.
 */
storage: StorageWish | null, };

export type NewSuppression = { 
/**
 * It.
 */
address: string, 
/**
 * Why; may be empty.
 */
note: string, };

export type Nothing = Record<symbol, never>;

export type OpenRelay = { 
/**
 * The setting, by its Postfix name.
 */
setting: string, 
/**
 * Its entry at fault.
 */
value: string, 
/**
 * The host name that confirms it.
 */
host: string, };

export type Outcome = "delivered" | "running" | "refused" | "failed";

export type Outgoing = { 
/**
 * Who writes, see [`crate::MailAccount::id`].
 */
account: string, 
/**
 * What.
 */
draft: Draft, 
/**
 * When it is to be sent, as RFC 3339 has it; none: now. Until then it waits at the server (RFC 4865). Not for drafts that are
 * saved.
 */
sendAt?: string, };

export type Overview = { 
/**
 * Messages delivered to mailboxes since midnight, local time.
 */
receivedToday: number, 
/**
 * Messages submitted by users since midnight.
 */
sentToday: number, 
/**
 * Recipients, senders and sessions refused since midnight.
 */
refusedToday: number, 
/**
 * Messages accepted in each of the last 24 hours, oldest first.
 */
hourly: Array<number>, 
/**
 * Sessions open now.
 */
openSessions: number, 
/**
 * Worst first.
 */
attention: Array<Attention>, 
/**
 * The last messages, newest first; at most 8.
 */
recent: Array<JourneyRow>, };

export type OwnAddress = { 
/**
 * The address.
 */
address: string, 
/**
 * The network it lies in, `192.168.1.0/24`.
 */
network: string, 
/**
 * Whether the whole internet can know it: not of a range for private use (RFC 1918, RFC 6598, RFC 4193).
 */
isPublic: boolean, };

export type Person = { 
/**
 * Display name, may be empty.
 */
name: string, 
/**
 * Address.
 */
address: string, };

export type Phase = "notSetUp" | "stopped" | "starting" | "running" | "stopping";

export type PlannedSetting = { 
/**
 * Its name.
 */
name: string, 
/**
 * Whether the name is Postfix's.
 */
postfix: boolean, 
/**
 * The value it would get.
 */
value: string, 
/**
 * The value it has now. None: nothing is set up yet.
 */
old: string | null, };

export type Port25 = { 
/**
 * The verdict.
 */
state: Port25State, 
/**
 * Who was called last, as `name[address]:25`; none when nobody could be.
 */
called: string | null, 
/**
 * What was said or what went wrong, in English.
 */
text: string, };

export type Port25Question = { 
/**
 * A domain that gets mail from everybody.
 */
domain: string, };

export type Port25State = "open" | "closed" | "noNames" | "noNetwork" | "inside";

export type PortChoice = { 
/**
 * Which service.
 */
service: Service, 
/**
 * The port the standards give it.
 */
standardPort: number, 
/**
 * The port it would get.
 */
port: number, 
/**
 * Why.
 */
reason: PortReason, };

export type PortPlan = "standard" | "practice" | { "base": number };

export type PortReason = { "kind": "standard" } | { "kind": "chosen" } | { "kind": "needsPrivilege" } | { "kind": "held", 
/**
 * The port that was wished for.
 */
port: number, 
/**
 * Its name, when the system tells.
 */
program: string | null, 
/**
 * Its process id, when the system tells.
 */
pid: number | null, } | { "kind": "addressNotHere" };

export type PortWish = { 
/**
 * Address to listen on, e.g. `127.0.0.1` or `0.0.0.0`.
 */
listen: string, 
/**
 * How to choose.
 */
ports: PortPlan, };

export type PostfixExport = { 
/**
 * The language of the comments.
 */
language: CommentLanguage, 
/**
 * The folder they will lie in, absolute: Dovecot's file names its file of users with it.
 */
folder: string, };

export type PostfixFate = "taken" | "ignored" | "unsupported";

export type PostfixFiles = { 
/**
 * Their texts by name.
 */
files: { [key in string]: string }, };

export type PostfixImport = { 
/**
 * Their texts by base name: `main.cf`, `master.cf`, `aliases`, `virtual`, `transport`, `sasl_passwd`, `mailname`.
 */
files: { [key in string]: string }, 
/**
 * Only says what would change.
 */
dryRun: boolean, 
/**
 * See [`crate::SettingsPatch::confirm_open_relay`].
 */
confirmOpenRelay: string | null, };

export type PostfixImported = { 
/**
 * Whether the changes were made; otherwise they would be.
 */
applied: boolean, 
/**
 * What became of each line, by file and line.
 */
report: Array<PostfixLine>, 
/**
 * Settings that change.
 */
settings: Array<SettingChange>, 
/**
 * Aliases that are new or change. Those that the files do not name stay.
 */
aliases: Array<AliasChange>, 
/**
 * Forwards that are new or change.
 */
forwards: Array<ForwardChange>, 
/**
 * Whether a password of the relay host was in the files.
 */
relayPassword: boolean, 
/**
 * What makes an open relay of this: it needs the host name as confirmation.
 */
openRelay: OpenRelay | null, };

export type PostfixLine = { 
/**
 * The base name of its file.
 */
file: string, 
/**
 * Where it begins there, from 1; 0: the file as a whole.
 */
line: number, 
/**
 * The parameter, service, override or key.
 */
name: string, 
/**
 * Its value as written; a password is replaced by `***`.
 */
value: string, 
/**
 * What became of it.
 */
fate: PostfixFate, 
/**
 * Why it was not simply taken; none when it was.
 */
reason: string | null, 
/**
 * What this server says to the value, where that is the reason.
 */
error: Error | null, };

export type ProposedRecord = { 
/**
 * What it is for.
 */
purpose: RecordPurpose, 
/**
 * Its full name, without the dot at the end.
 */
name: string, 
/**
 * `A`, `AAAA`, `MX`, `TXT`.
 */
kind: string, 
/**
 * Of an MX.
 */
priority: number | null, 
/**
 * Its value.
 */
value: string, 
/**
 * The same as a line of a zone file.
 */
line: string, };

export type QueueAct = { 
/**
 * What.
 */
action: QueueAction, 
/**
 * With which; none: with all of them. Those that left meanwhile are passed over; if all did, that is an error.
 */
queueIds: Array<string> | null, };

export type QueueActed = { 
/**
 * Messages that it changed.
 */
messages: number, };

export type QueueAction = "retry" | "sendNow" | "hold" | "release" | "delete";

export type QueueCounts = { 
/**
 * On their way at this moment, or about to be: Postfix's active queue.
 */
active: number, 
/**
 * Waiting for their next try.
 */
deferred: number, 
/**
 * Waiting for the time that their sender chose.
 */
later: number, 
/**
 * Held by somebody.
 */
held: number, };

export type QueueEdit = { 
/**
 * The message.
 */
queueId: string, 
/**
 * The recipient's number.
 */
number: number, 
/**
 * Its new address.
 */
address: string, };

export type QueueFailure = { 
/**
 * Which words.
 */
kind: QueueFailureKind, 
/**
 * When.
 */
at: number, 
/**
 * The other server as `name[address]:port`, once there was one.
 */
host: string | null, 
/**
 * What it said, or what the system said, in one line.
 */
text: string, 
/**
 * The command it answered, as Postfix names it (`RCPT TO`), when it is a reply.
 */
command: string | null, 
/**
 * The session in which it happened.
 */
session: number | null, };

export type QueueFailureKind = "refused" | "greylisted" | "mailboxFull" | "nameUnresolved" | "unreachable" | "timedOut" | "connectionLost" | "tlsFailed" | "loginRefused" | "destinationResting" | "local";

export type QueueMessage = { 
/**
 * As in the list.
 */
row: QueueRow, 
/**
 * Everybody who is not done with.
 */
recipients: Array<QueueRecipient>, 
/**
 * When it goes back to its sender.
 */
expires: number, 
/**
 * Its header, at most 16 KiB, with what is not UTF-8 replaced.
 */
header: string, };

export type QueuePage = { 
/**
 * Messages.
 */
rows: Array<QueueRow>, 
/**
 * How many there are in all, whatever was asked for.
 */
counts: QueueCounts, 
/**
 * What to ask for the rows after these; none when these are the last.
 */
next: string | null, };

export type QueueQuery = { 
/**
 * Only messages in this state.
 */
state?: QueueState, 
/**
 * Only those with this in their queue id, their sender or a recipient.
 */
text?: string, 
/**
 * Only those that come after this row, see [`QueuePage::next`].
 */
after?: string, 
/**
 * How many; 200 at most.
 */
limit?: number, };

export type QueueRecipient = { 
/**
 * Its number within the message.
 */
number: number, 
/**
 * The address.
 */
address: string, 
/**
 * The address that was written, when an alias or a forward led to this one.
 */
original: string | null, 
/**
 * Where it goes: `lab.test`, `[relay.test]:587`.
 */
destination: string, 
/**
 * What it does.
 */
state: QueueState, 
/**
 * Tries so far.
 */
attempts: number, 
/**
 * When it is tried next.
 */
nextTry: number | null, 
/**
 * The last failure.
 */
why: QueueFailure | null, 
/**
 * The last tries, oldest first; ten at most, and none in which it was not tried itself.
 */
tries: Array<QueueFailure>, };

export type QueueRef = { 
/**
 * Its queue id.
 */
queueId: string, };

export type QueueRow = { 
/**
 * Its queue id.
 */
queueId: string, 
/**
 * Reverse-path, empty for `<>`.
 */
sender: string, 
/**
 * Recipients that are not done with; at most 3.
 */
recipients: Array<string>, 
/**
 * How many there are.
 */
recipientCount: number, 
/**
 * Size.
 */
octets: number, 
/**
 * When it was accepted.
 */
arrived: number, 
/**
 * What it does.
 */
state: QueueState, 
/**
 * Tries of the recipient with most of them.
 */
attempts: number, 
/**
 * When the next recipient is due.
 */
nextTry: number | null, 
/**
 * Why it waits: the newest failure of any recipient.
 */
why: QueueFailure | null, };

export type QueueSettings = { 
/**
 * `minimal_backoff_time`: between two tries at least, seconds.
 */
minimalBackoffSeconds: number, 
/**
 * `maximal_backoff_time`: between two tries at most, seconds.
 */
maximalBackoffSeconds: number, 
/**
 * `maximal_queue_lifetime`: after it a message goes back, seconds.
 */
lifetimeSeconds: number, 
/**
 * `bounce_queue_lifetime`: the same for reports, seconds.
 */
bounceLifetimeSeconds: number, 
/**
 * `delay_warning_time`: after it the sender is told that it takes longer, seconds; 0: never.
 */
warningSeconds: number, 
/**
 * `queue_run_delay`: how often the queue is looked through, seconds.
 */
runDelaySeconds: number, 
/**
 * `default_destination_concurrency_limit`: connections to one destination at a time.
 */
destinationConcurrency: number, 
/**
 * `initial_destination_concurrency`: so many to one that has just begun to answer.
 */
initialConcurrency: number, 
/**
 * `smtp_destination_recipient_limit`: recipients of one delivery.
 */
recipientsPerDelivery: number, 
/**
 * `default_process_limit`: deliveries at a time in all.
 */
deliveries: number, 
/**
 * For how long nothing is sent to an address whose server said that there is none, seconds; 0: such addresses are not
 * noted.
 */
suppressionSeconds: number, };

export type QueueState = "active" | "deferred" | "later" | "held";

export type RecordPurpose = "host" | "mx" | "spf" | "spfOfHost";

export type RecordsQuestion = { 
/**
 * The mail domain.
 */
domain: string, 
/**
 * The server's own name.
 */
host: string, 
/**
 * The address under which others reach it.
 */
address: string, 
/**
 * What its mail for others goes through; empty: nothing.
 */
relayhost: string, };

export type RelayPassword = { 
/**
 * It; empty: forget it.
 */
password: string, };

export type RelayPasswordPlace = "none" | "keyring" | "file" | "locked";

export type RelayTest = { 
/**
 * `[host]:port`.
 */
relayhost: string, 
/**
 * The user name; empty: none.
 */
user: string, 
/**
 * Its password; none: the one that is kept.
 */
password: string | null, };

export type RelayTested = { 
/**
 * Whether mail could be handed in there.
 */
works: boolean, 
/**
 * What the server said last, or what went wrong.
 */
text: string, 
/**
 * The session, with its transcript; none when there was no connection.
 */
session: number | null, };

export type RelayTry = { 
/**
 * How we would call ourselves.
 */
host: string, 
/**
 * `[host]:port`
 */
relayhost: string, 
/**
 * The user name there; empty: none.
 */
user: string, 
/**
 * The password there. None: the one that is kept.
 */
password: string | null, 
/**
 * `smtp_tls_security_level`
 */
tls: TlsLevel, };

export type RelayedDomain = { 
/**
 * Its name.
 */
domain: string, 
/**
 * The server that has its mailboxes, `[host]:port` (`transport_maps`); empty: the MX that our name server has for it.
 */
nextHop: string, };

export type Restrictions = { 
/**
 * `smtpd_client_restrictions`: the client, by its address and name.
 */
clientRestrictions: string, 
/**
 * `smtpd_helo_restrictions`: what it says in EHLO or HELO.
 */
heloRestrictions: string, 
/**
 * `smtpd_sender_restrictions`: the sender of a message.
 */
senderRestrictions: string, 
/**
 * `smtpd_relay_restrictions`: who may send to domains that are not ours.
 */
relayRestrictions: string, 
/**
 * `smtpd_recipient_restrictions`: each recipient.
 */
recipientRestrictions: string, 
/**
 * `smtpd_data_restrictions`: before the content.
 */
dataRestrictions: string, 
/**
 * `smtpd_end_of_data_restrictions`: after the content.
 */
endOfDataRestrictions: string, 
/**
 * `smtpd_etrn_restrictions`: who may have the queue flushed.
 */
etrnRestrictions: string, 
/**
 * `mua_client_restrictions`: the same for people's mail programs (submission), who have logged in.
 */
muaClientRestrictions: string, 
/**
 * `mua_helo_restrictions`.
 */
muaHeloRestrictions: string, 
/**
 * `mua_sender_restrictions`.
 */
muaSenderRestrictions: string, };

export type Role = "standalone" | "client" | "inner" | "edge";

export type Route = { "kind": "mailbox", 
/**
 * The account.
 */
account: string, } | { "kind": "several", 
/**
 * How many of them are mailboxes of this server.
 */
mailboxes: number, 
/**
 * How many are elsewhere.
 */
elsewhere: number, } | { "kind": "unknownUser" } | { "kind": "disabled" } | { "kind": "otherServer", 
/**
 * Its domain.
 */
domain: string, 
/**
 * The server that takes it on the way (`relayhost`, `transport_maps`), as `[host]:port`; none: the domain's own, by its MX.
 */
through: string | null, } | { "kind": "refused", 
/**
 * Its reply.
 */
reply: string, } | { "kind": "discard" } | { "kind": "theirDecision" } | { "kind": "invalid" };

export type RouteAnswer = { 
/**
 * As asked.
 */
typed: string, 
/**
 * The address in it.
 */
address: string | null, 
/**
 * Where it would go.
 */
route: Route, };

export type RouteDestination = { "kind": "mailbox", 
/**
 * The account.
 */
account: string, } | { "kind": "remote", 
/**
 * The recipient there.
 */
recipient: string, 
/**
 * The sender there: another one when a forward rewrote it (SRS).
 */
sender: string, 
/**
 * `[host]:port`, or a domain whose MX is asked for.
 */
nextHop: string, 
/**
 * The setting that chose it: `relayhost`, `transport_maps`, `sender_dependent_relayhost_maps`; none: the domain's MX.
 */
setting: string | null, } | { "kind": "error", 
/**
 * Why.
 */
text: string, } | { "kind": "discard" };

export type RouteExplanation = { 
/**
 * Whether it would be accepted.
 */
accepted: boolean, 
/**
 * The reply to RCPT.
 */
reply: string, 
/**
 * What was asked in turn, and what it came to.
 */
steps: Array<RouteStep>, 
/**
 * Where the message would go.
 */
destinations: Array<RouteDestination>, };

export type RouteQuery = { 
/**
 * Who writes, see [`crate::MailAccount::id`].
 */
account: string, 
/**
 * Addresses as typed, at most 100.
 */
addresses: Array<string>, };

export type RouteQuestion = { 
/**
 * To whom.
 */
recipient: string, 
/**
 * From whom; empty: `<>`.
 */
sender: string, 
/**
 * The address of the client, e.g. `192.0.2.7`.
 */
client: string, 
/**
 * The account it has logged in as; none: it has not.
 */
user: string | null, };

export type RouteStep = { 
/**
 * Which words.
 */
code: string, 
/**
 * What the words need.
 */
params: { [key in string]: string }, 
/**
 * The setting that decided, by its Postfix name.
 */
setting: string | null, };

export type Said = { "kind": "client", 
/**
 * At most 2000 characters.
 */
text: string, } | { "kind": "server", 
/**
 * At most 2000 characters.
 */
text: string, } | { "kind": "content", 
/**
 * Who sent it.
 */
from_client: boolean, 
/**
 * How much.
 */
octets: number, } | { "kind": "tls" } & SessionTls | { "kind": "tlsFailed", 
/**
 * What the library or the peer said.
 */
reason: string, } | { "kind": "found", 
/**
 * Postfix's name of the setting that wanted it.
 */
setting: string | null, 
/**
 * English, as the log.
 */
text: string, } | { "kind": "closed", 
/**
 * Who ended it and why, as a code: `client`, `server`, `timeout`, `lost`, `shutdown`.
 */
by: string, };

export type SavedDraft = { 
/**
 * Where it lies now.
 */
savedAs: MessageRef, };

export type Security = "tls" | "starttls" | "none";

export type Sent = { 
/**
 * Its Message-ID, without brackets.
 */
messageId: string, 
/**
 * The server's last reply.
 */
reply: string, 
/**
 * Our identifier, when the server was this one.
 */
queueId: string | null, 
/**
 * When the server sends it, as it was asked for; none: at once.
 */
sendAt?: string, };

export type ServerStatus = { 
/**
 * What it is doing.
 */
phase: Phase, 
/**
 * Why it does not run, when it should.
 */
error: Error | null, 
/**
 * When it started, if it runs.
 */
startedAt: number | null, 
/**
 * Process id.
 */
pid: number, 
/**
 * Version of this program.
 */
version: string, 
/**
 * The folder with everything in it.
 */
dataDir: string, 
/**
 * The domains whose mail is delivered here, the first being the main one. `mydestination`.
 */
domains: Array<string>, 
/**
 * How the server calls itself. `myhostname`.
 */
host: string, 
/**
 * What it was set up for.
 */
mode: Mode, 
/**
 * What it is among others.
 */
role: Role, 
/**
 * The address it listens on. `inet_interfaces`.
 */
listen: string, 
/**
 * One for each service.
 */
listeners: Array<Listener>, };

export type Service = "smtp" | "submission" | "submissions" | "imap" | "imaps" | "outgoing" | "local";

export type Session = { 
/**
 * Its number.
 */
id: number, 
/**
 * When it began.
 */
opened: number, 
/**
 * When it ended.
 */
closed: number | null, 
/**
 * Which service.
 */
service: Service, 
/**
 * The port it came in on.
 */
port: number, 
/**
 * The peer's address; of a user of the system, `local user luis (uid 1000)`.
 */
peer: string, 
/**
 * Which user of the system it is, where a program on this computer hands in mail by the socket for that.
 */
localUser: LocalUser | null, 
/**
 * How the peer calls itself: the EHLO name, or the name of the IMAP client (ID, RFC 2971).
 */
clientName: string | null, 
/**
 * How it is encrypted.
 */
tls: SessionTls | null, 
/**
 * Who it is, once proved.
 */
user: string | null, 
/**
 * The SASL mechanism that proved it.
 */
mechanism: string | null, 
/**
 * How it ended.
 */
result: SessionResult, 
/**
 * What it did.
 */
did: SessionSummary, 
/**
 * Messages it brought; at most 20.
 */
queueIds: Array<string>, };

export type SessionDetail = { 
/**
 * The line of the list.
 */
session: Session, 
/**
 * What was said, in order.
 */
lines: Array<TranscriptLine>, 
/**
 * The number of the first of them.
 */
fromLine: number, 
/**
 * More was said than is kept of one session.
 */
truncated: boolean, };

export type SessionPage = { 
/**
 * Newest first.
 */
sessions: Array<Session>, 
/**
 * Whether there are older ones that match.
 */
more: boolean, 
/**
 * How many there are in all, without the filter.
 */
total: number, 
/**
 * How many of all were refused something.
 */
refused: number, };

export type SessionQuery = { 
/**
 * Only these services.
 */
services: Array<Service>, 
/**
 * Only those that were refused something, or did not get through.
 */
refused: boolean, 
/**
 * Only those whose peer, name, user or addresses contain this.
 */
text: string | null, 
/**
 * Only sessions with a smaller id.
 */
before: number | null, 
/**
 * At most so many; 0 is 200; 1000 at most.
 */
limit: number, };

export type SessionRef = { 
/**
 * Its number.
 */
id: number, 
/**
 * Only lines from this one on, counted from 0: for following an open session.
 */
fromLine: number, };

export type SessionResult = "open" | "accepted" | "done" | "refused" | "wrongPassword" | "notTrusted" | "tlsFailed" | "timedOut" | "lost";

export type SessionSummary = { 
/**
 * Commands it gave.
 */
commands: number, 
/**
 * Messages accepted from it.
 */
messages: number, 
/**
 * Octets of these.
 */
octets: number, 
/**
 * Reverse-path of the last message.
 */
reversePath: string | null, 
/**
 * Recipients accepted; the last one's address.
 */
recipient: string | null, 
/**
 * How many recipients.
 */
recipients: number, 
/**
 * Messages whose content it fetched.
 */
fetched: number, 
/**
 * The mailbox it has open, or had last.
 */
mailbox: string | null, 
/**
 * It waits for new mail (IDLE).
 */
idle: boolean, 
/**
 * Wrong passwords.
 */
failedLogins: number, 
/**
 * The last reply that refused something.
 */
refusal: string | null, };

export type SessionTls = { 
/**
 * `TLSv1.3`.
 */
version: string, 
/**
 * `TLS13_AES_256_GCM_SHA384`.
 */
cipher: string, 
/**
 * The name the client asked for (SNI).
 */
serverName: string | null, };

export type SettingChange = { 
/**
 * Its name: Postfix's where Postfix has it.
 */
name: string, 
/**
 * As it was.
 */
before: string, 
/**
 * As it is then.
 */
after: string, };

export type SettingValues = { 
/**
 * What the server is for.
 */
mode: Mode, 
/**
 * What it is among others.
 */
role: Role, 
/**
 * `myhostname`.
 */
host: string, 
/**
 * `mydestination`; the first is the main domain.
 */
domains: Array<string>, 
/**
 * `inet_interfaces`.
 */
listen: string, 
/**
 * How ports are chosen.
 */
ports: PortPlan, 
/**
 * `message_size_limit`, octets.
 */
messageSizeLimit: number, 
/**
 * `smtpd_forbid_bare_newline`: how content with bare CR or LF is treated.
 */
bareNewlines: BareNewlines, 
/**
 * Whether CRAM-MD5 is offered to log in with. It needs the password itself, so that those which are set while this is
 * on are kept readable in `state.db`: whoever can read that file has them. For clients that know nothing better.
 */
cramMd5: boolean, 
/**
 * `smtpd_authorized_xclient_hosts`: networks whose clients may say, with XCLIENT, for whom they speak. They can then
 * pass for anybody.
 */
xclientHosts: Array<string>, 
/**
 * `authorized_submit_users`: users of the system whose programs may hand in mail with `sendmail`. Names, `!name` for
 * all but this one, `static:anyone` for all; the first that fits counts.
 */
submitUsers: Array<string>, 
/**
 * `smtpd_recipient_limit`.
 */
recipientLimit: number, 
/**
 * `smtpd_client_connection_count_limit`: sessions of one peer at a time (loopback is exempt).
 */
sessionsPerClient: number, 
/**
 * Sessions in all.
 */
sessionsTotal: number, 
/**
 * How long a stopping server waits for its sessions, seconds.
 */
stopGraceSeconds: number, 
/**
 * How long traces are kept, days.
 */
traceDays: number, 
/**
 * How much of them, megabytes.
 */
traceMegabytes: number, 
/**
 * A certificate of the user's own (PEM), `smtpd_tls_cert_file`.
 */
certificatePath: string | null, 
/**
 * Its key, `smtpd_tls_key_file`.
 */
keyPath: string | null, 
/**
 * Who may send, what is taken, where it goes.
 */
flow: MailFlow, 
/**
 * How long and how often delivery is tried.
 */
queue: QueueSettings, 
/**
 * Who answers questions about names.
 */
dns: DnsSettings, 
/**
 * `mail_spool_directory`: where the mbox of a user of the system lies. For accounts that are made or moved from now on.
 */
mailSpoolDirectory: string, 
/**
 * `home_mailbox`: the Maildir of a user of the system, within their home; it ends in `/`. Empty: they have an mbox unless
 * something else is asked for.
 */
homeMailbox: string, 
/**
 * Who is judged how.
 */
restrictions: Restrictions, 
/**
 * How much of one client is too much.
 */
clientLimits: ClientLimits, 
/**
 * How long other servers are waited for.
 */
timeouts: ClientTimeouts, };

export type Settings = { 
/**
 * As they are.
 */
current: SettingValues, 
/**
 * What they would be if nobody had changed them.
 */
defaults: SettingValues, 
/**
 * The file they are written in.
 */
path: string, 
/**
 * Where the password of the relay host is, which is no setting.
 */
relayPassword: RelayPasswordPlace, };

export type SettingsPatch = { 
/**
 * See [`SettingValues::host`].
 */
host?: string, 
/**
 * See [`SettingValues::domains`].
 */
domains?: Array<string>, 
/**
 * See [`SettingValues::listen`].
 */
listen?: string, 
/**
 * See [`SettingValues::ports`].
 */
ports?: PortPlan, 
/**
 * See [`SettingValues::message_size_limit`].
 */
messageSizeLimit?: number, 
/**
 * See [`SettingValues::bare_newlines`].
 */
bareNewlines?: BareNewlines, 
/**
 * See [`SettingValues::cram_md5`].
 */
cramMd5?: boolean, 
/**
 * See [`SettingValues::xclient_hosts`].
 */
xclientHosts?: Array<string>, 
/**
 * See [`SettingValues::submit_users`].
 */
submitUsers?: Array<string>, 
/**
 * See [`SettingValues::recipient_limit`].
 */
recipientLimit?: number, 
/**
 * See [`SettingValues::sessions_per_client`].
 */
sessionsPerClient?: number, 
/**
 * See [`SettingValues::sessions_total`].
 */
sessionsTotal?: number, 
/**
 * See [`SettingValues::stop_grace_seconds`].
 */
stopGraceSeconds?: number, 
/**
 * See [`SettingValues::trace_days`].
 */
traceDays?: number, 
/**
 * See [`SettingValues::trace_megabytes`].
 */
traceMegabytes?: number, 
/**
 * See [`SettingValues::certificate_path`]; an empty text goes back to the local authority's.
 */
certificatePath?: string, 
/**
 * See [`SettingValues::key_path`].
 */
keyPath?: string, 
/**
 * See [`SettingValues::flow`]; all of it.
 */
flow?: MailFlow, 
/**
 * See [`SettingValues::queue`]; all of it.
 */
queue?: QueueSettings, 
/**
 * See [`SettingValues::dns`]; all of it.
 */
dns?: DnsSettings, 
/**
 * See [`SettingValues::mail_spool_directory`].
 */
mailSpoolDirectory?: string, 
/**
 * See [`SettingValues::home_mailbox`].
 */
homeMailbox?: string, 
/**
 * See [`SettingValues::restrictions`]; all of it.
 */
restrictions?: Restrictions, 
/**
 * See [`SettingValues::client_limits`]; all of it.
 */
clientLimits?: ClientLimits, 
/**
 * The host name, typed by somebody who was told that the change makes an open relay and wants it all the same.
 */
confirmOpenRelay?: string, };

export type Setup = { 
/**
 * What for.
 */
mode: Mode, 
/**
 * The mail domain.
 */
domain: string, 
/**
 * The server's own name.
 */
host: string, 
/**
 * Address to listen on.
 */
listen: string, 
/**
 * How ports are chosen.
 */
ports: PortPlan, 
/**
 * How mail comes and goes. None: as it is.
 */
flow: SetupFlow | null, 
/**
 * The first people. Those who exist already keep their mail and their password.
 */
users: Array<SetupUser>, 
/**
 * Who gets mail for postmaster and abuse (RFC 5321 §4.5.1, RFC 2142): a user's name, or nobody yet.
 */
postmaster: string | null, };

export type SetupCheck = { 
/**
 * The mail domain, `lab.test`.
 */
domain: string, 
/**
 * The server's own name, `mail.lab.test`.
 */
host: string, 
/**
 * Address to listen on.
 */
listen: string, 
/**
 * How ports are chosen.
 */
ports: PortPlan, 
/**
 * How mail comes and goes; none: not asked yet.
 */
flow: SetupFlow | null, };

export type SetupFacts = { 
/**
 * The addresses of this computer in its networks, loopback left out.
 */
addresses: Array<OwnAddress>, 
/**
 * How mail comes and goes as it is set; its password is never in it.
 */
flow: SetupFlow, 
/**
 * A password for the relay host is kept.
 */
relayPasswordKept: boolean, };

export type SetupFault = { 
/**
 * Which field.
 */
field: SetupField, 
/**
 * Which entry of a list, from 0; 0 where there is no list.
 */
place: number, 
/**
 * Why it cannot be used.
 */
error: Error, };

export type SetupField = "listen" | "networks" | "relayhost" | "relayUser" | "relayDomain" | "nextHop" | "relayRecipients";

export type SetupFlow = { 
/**
 * What the server is among others.
 */
role: Role, 
/**
 * `mynetworks`, but for this computer, which is always in it: who may send anywhere without a password.
 */
networks: Array<string>, 
/**
 * `relayhost`; empty: each domain's own mail hosts.
 */
relayhost: string, 
/**
 * The user name there; empty: none.
 */
relayUser: string, 
/**
 * The password there. None: the one that is kept. Empty: none any more.
 */
relayPassword: string | null, 
/**
 * `smtp_tls_security_level`.
 */
outboundTls: TlsLevel, 
/**
 * `relay_domains`, and where their mail goes.
 */
relayDomains: Array<RelayedDomain>, 
/**
 * `relay_recipient_maps`: who exists there (`user@domain`, `@domain`); empty: anybody may.
 */
relayRecipients: Array<string>, 
/**
 * `reject_unverified_recipient`: the server behind is asked whether it knows a recipient.
 */
callAhead: boolean, };

export type SetupPlan = { 
/**
 * Every setting the wizard decides, in the order of the file.
 */
settings: Array<PlannedSetting>, };

export type SetupUser = { 
/**
 * Local part of the address.
 */
user: string, 
/**
 * For people to read.
 */
displayName: string, 
/**
 * In clear on its way to the verifier; never stored.
 */
password: string, };

export type SetupVerdict = { 
/**
 * Why the domain cannot be used.
 */
domain: Error | null, 
/**
 * Why the host name cannot be used.
 */
host: Error | null, 
/**
 * The domain exists on the real internet as far as its top level tells (`.test` does not): mail to it stays here.
 */
domainIsPublic: boolean, 
/**
 * What is wrong with how mail comes and goes.
 */
flow: Array<SetupFault>, };

export type StepKind = "submitted" | "received" | "checked" | "accepted" | "delivered" | "failed" | "resolved" | "sent" | "deferred" | "reported";

export type Storage = { 
/**
 * What other programs find.
 */
format: MailFormat, 
/**
 * The user of the system whose file or folder it is; none when it lies in the data folder.
 */
systemUser: string | null, 
/**
 * The Maildir or the mbox.
 */
path: string, 
/**
 * Why the mbox is not what INBOX is at present; its mail waits in the store.
 */
trouble: Error | null, };

export type StorageWish = { 
/**
 * None: for a system user what `home_mailbox` says, else Maildir.
 */
format: MailFormat | null, 
/**
 * A user of the system: the mbox is then in `mail_spool_directory`, the Maildir is `home_mailbox` in their home.
 */
systemUser: string | null, };

export type Suppression = { 
/**
 * It, in lower case.
 */
address: string, 
/**
 * How it came here.
 */
reason: SuppressionReason, 
/**
 * Since when.
 */
since: number, 
/**
 * Until when; none: until somebody takes it away.
 */
until: number | null, 
/**
 * What the other server said of it, or a person's note.
 */
reply: string, 
/**
 * The message that came back, for its journey.
 */
queueId: string | null, };

export type SuppressionPage = { 
/**
 * Entries.
 */
entries: Array<Suppression>, 
/**
 * How many there are in all, whatever was asked for.
 */
total: number, 
/**
 * What to ask for the entries after these; none when these are the last.
 */
next: string | null, };

export type SuppressionQuery = { 
/**
 * Only those with this in their address.
 */
text?: string, 
/**
 * Only those behind this address, see [`SuppressionPage::next`].
 */
after?: string, 
/**
 * How many; 200 at most.
 */
limit?: number, };

export type SuppressionReason = "bounced" | "manual";

export type SuppressionRef = { 
/**
 * Its address.
 */
address: string, };

export type SystemUser = { 
/**
 * `luis`.
 */
name: string, 
/**
 * As the system knows it; may be empty.
 */
fullName: string, 
/**
 * Its home.
 */
home: string, 
/**
 * The account whose mail it is already.
 */
account: string | null, };

export type SystemUsers = { 
/**
 * Those the computer itself knows, by name. Those of a directory service can be named and are not listed.
 */
users: Array<SystemUser>, 
/**
 * Why the server cannot write files of others.
 */
refusal: Error | null, 
/**
 * Where an mbox would be: `mail_spool_directory`.
 */
mailSpoolDirectory: string, 
/**
 * The Maildir in a home: `home_mailbox`, or Postfix's customary `Maildir/` when that is empty.
 */
homeMailbox: string, 
/**
 * What is taken when nobody chooses.
 */
defaultFormat: MailFormat, };

export type TestMessage = { 
/**
 * Address of an account here.
 */
from: string, 
/**
 * Address of an account here.
 */
to: string, 
/**
 * In the user's language.
 */
subject: string, 
/**
 * In the user's language.
 */
text: string, };

export type TestResult = { 
/**
 * Its queue id, the key to its journey.
 */
queueId: string, 
/**
 * The session that brought it.
 */
session: number, 
/**
 * The file it lies in, relative to the data folder.
 */
path: string, 
/**
 * Its number in the recipient's INBOX.
 */
uid: number, };

export type TextFile = { 
/**
 * A name for the file.
 */
name: string, 
/**
 * Its media type.
 */
mediaType: string, 
/**
 * What is in it.
 */
text: string, };

export type TlsLevel = "none" | "may" | "encrypt";

export type TlsStart = "starttlsOptional" | "starttlsRequired" | "implicit";

export type TlsStatus = { 
/**
 * The local authority; none when the certificate is the user's own.
 */
authority: Certificate | null, 
/**
 * The file clients can be given.
 */
authorityPath: string | null, 
/**
 * What the server shows to clients.
 */
server: Certificate, 
/**
 * One for each service.
 */
listeners: Array<ListenerTls>, };

export type TranscriptLine = { 
/**
 * Microseconds since the session began.
 */
after: number, 
/**
 * What it is.
 */
said: Said, };

export type Zone = { 
/**
 * As in the list.
 */
row: ZoneRow, 
/**
 * Its records but for the SOA, in the order of the file.
 */
records: Array<ZoneRecord>, 
/**
 * The same as a zone file (RFC 1035 §5).
 */
text: string, };

export type ZoneEdit = { 
/**
 * The zone.
 */
origin: string, 
/**
 * The record; to take one away, exactly as it is, the TTL aside.
 */
record: ZoneRecord, };

export type ZoneRecord = { 
/**
 * Relative to the origin, `@` for the origin itself.
 */
name: string, 
/**
 * Seconds; none: the zone's default.
 */
ttl: number | null, 
/**
 * `A`, `MX`, `TXT`.
 */
kind: string, 
/**
 * As a zone file writes it: `10 mail.lab.test.`
 */
value: string, };

export type ZoneRef = { 
/**
 * Its origin.
 */
origin: string, };

export type ZoneRow = { 
/**
 * Its origin, without the last dot: `lab.test`, `2.0.192.in-addr.arpa`.
 */
origin: string, 
/**
 * The serial number of its SOA.
 */
serial: number, 
/**
 * How many records it has.
 */
records: number, };

export type ZoneText = { 
/**
 * Its origin.
 */
origin: string, 
/**
 * A zone file.
 */
text: string, };

export interface Commands {
  'server.status': { params: Nothing; reply: ServerStatus };
  'server.start': { params: Nothing; reply: ServerStatus };
  'server.stop': { params: Nothing; reply: ServerStatus };
  'server.reload': { params: Nothing; reply: ServerStatus };
  'setup.facts': { params: Nothing; reply: SetupFacts };
  'setup.check': { params: SetupCheck; reply: SetupVerdict };
  'setup.ports': { params: PortWish; reply: Array<PortChoice> };
  'setup.plan': { params: Setup; reply: SetupPlan };
  'setup.relay': { params: RelayTry; reply: RelayTested };
  'setup.port25': { params: Port25Question; reply: Port25 };
  'setup.records': { params: RecordsQuestion; reply: Array<ProposedRecord> };
  'setup.apply': { params: Setup; reply: ServerStatus };
  'setup.test': { params: TestMessage; reply: TestResult };
  'overview': { params: Nothing; reply: Overview };
  'account.list': { params: Nothing; reply: Array<Account> };
  'account.get': { params: AccountRef; reply: AccountDetail };
  'account.add': { params: NewAccount; reply: Account };
  'account.update': { params: AccountUpdate; reply: Account };
  'account.password': { params: AccountPassword; reply: Nothing };
  'account.delete': { params: AccountDelete; reply: AccountDeleted };
  'account.system_users': { params: Nothing; reply: SystemUsers };
  'log.list': { params: LogQuery; reply: LogPage };
  'log.export': { params: LogFilter; reply: TextFile };
  'session.list': { params: SessionQuery; reply: SessionPage };
  'session.get': { params: SessionRef; reply: SessionDetail };
  'journey.get': { params: JourneyRef; reply: Journey };
  'tls.status': { params: Nothing; reply: TlsStatus };
  'tls.authority': { params: Nothing; reply: TextFile };
  'settings.get': { params: Nothing; reply: Settings };
  'settings.set': { params: SettingsPatch; reply: Settings };
  'config.list': { params: Nothing; reply: Array<ConfigEntry> };
  'config.set': { params: ConfigSet; reply: ConfigEntry };
  'postfix.import': { params: PostfixImport; reply: PostfixImported };
  'postfix.export': { params: PostfixExport; reply: PostfixFiles };
  'queue.list': { params: QueueQuery; reply: QueuePage };
  'queue.get': { params: QueueRef; reply: QueueMessage };
  'queue.act': { params: QueueAct; reply: QueueActed };
  'queue.edit': { params: QueueEdit; reply: QueueMessage };
  'suppression.list': { params: SuppressionQuery; reply: SuppressionPage };
  'suppression.add': { params: NewSuppression; reply: Suppression };
  'suppression.remove': { params: SuppressionRef; reply: Nothing };
  'route.explain': { params: RouteQuestion; reply: RouteExplanation };
  'relay.test': { params: RelayTest; reply: RelayTested };
  'relay.password': { params: RelayPassword; reply: Nothing };
  'alias.list': { params: Nothing; reply: Array<Alias> };
  'alias.set': { params: Alias; reply: Nothing };
  'alias.remove': { params: AliasRef; reply: Nothing };
  'alias.import': { params: AliasImport; reply: AliasImported };
  'forward.list': { params: Nothing; reply: Array<Forward> };
  'forward.set': { params: Forward; reply: Nothing };
  'zone.list': { params: Nothing; reply: Array<ZoneRow> };
  'zone.get': { params: ZoneRef; reply: Zone };
  'zone.set': { params: ZoneText; reply: Zone };
  'zone.add': { params: ZoneEdit; reply: Zone };
  'zone.remove': { params: ZoneEdit; reply: Zone };
  'zone.delete': { params: ZoneRef; reply: Nothing };
  'dns.query': { params: DnsQuestion; reply: DnsAnswer };
  'mail.accounts': { params: Nothing; reply: Array<MailAccount> };
  'mail.account_add': { params: ExternalAccount; reply: MailAccount };
  'mail.account_remove': { params: MailAccountRef; reply: Nothing };
  'mail.folders': { params: MailAccountRef; reply: Array<Folder> };
  'mail.folder_create': { params: FolderRef; reply: Nothing };
  'mail.folder_rename': { params: FolderRename; reply: Nothing };
  'mail.folder_delete': { params: FolderRef; reply: Nothing };
  'mail.list': { params: MessageQuery; reply: MessagePage };
  'mail.message': { params: MessageRef; reply: Message };
  'mail.html': { params: MessageHtmlRef; reply: MessageHtml };
  'mail.source': { params: MessageSourceRef; reply: MessageSource };
  'mail.part': { params: MessagePartRef; reply: File };
  'mail.flag': { params: FlagChange; reply: Nothing };
  'mail.move': { params: MessageMove; reply: Moved };
  'mail.delete': { params: MessageRefs; reply: Moved };
  'mail.compose': { params: Compose; reply: Draft };
  'mail.send': { params: Outgoing; reply: Sent };
  'mail.draft_save': { params: Outgoing; reply: SavedDraft };
  'mail.route': { params: RouteQuery; reply: Array<RouteAnswer> };
  'mail.journey': { params: MessageRef; reply: Journey };
  'mail.watch': { params: FolderRef; reply: Nothing };
}

export type Method = keyof Commands;
export type Params<M extends Method> = Commands[M]['params'];
export type Reply<M extends Method> = Commands[M]['reply'];

export const SECRET = '•••••••';

export const CODES: readonly Code[] = [
  'request.bad',
  'internal',
  'server.not_running',
  'server.not_set_up',
  'data.locked',
  'data.unusable',
  'data.full',
  'config.invalid',
  'setting.invalid',
  'setting.open_relay',
  'setting.unknown',
  'queue.unknown',
  'suppression.unknown',
  'address.invalid',
  'alias.unknown',
  'alias.loop',
  'zone.unknown',
  'zone.invalid',
  'setup.exists',
  'domain.invalid',
  'domain.local',
  'host.invalid',
  'ip.invalid',
  'network.invalid',
  'network.host_bits',
  'relayhost.missing',
  'next_hop.invalid',
  'next_hop.ourselves',
  'next_hop.missing',
  'relayhost.password_in_clear',
  'relayhost.password_missing',
  'relay_domain.missing',
  'relay_domain.ours',
  'relay_domain.twice',
  'relay_recipient.foreign',
  'listen.not_here',
  'port.taken',
  'port.privileged',
  'account.exists',
  'account.unknown',
  'account.name_invalid',
  'account.domain_foreign',
  'system_user.unknown',
  'system_user.no_right',
  'system_user.taken',
  'mailbox.locked',
  'mailbox.invalid',
  'account.password_invalid',
  'session.unknown',
  'journey.unknown',
  'tls.certificate_invalid',
  'mail.account_unknown',
  'mail.unreachable',
  'mail.login_refused',
  'mail.not_trusted',
  'mail.folder_unknown',
  'mail.message_gone',
  'mail.refused',
  'mail.address_invalid',
  'mail.too_large',
  'mail.later_unsupported',
  'mail.later_past',
  'mail.later_too_far',
  'mail.no_recipients',
  'face.unreachable',
  'face.unauthorized',
];
