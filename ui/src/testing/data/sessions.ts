import type { Said, Session, SessionDetail, SessionSummary, TranscriptLine } from '$api'
import { SECRET } from '$api'
import { at } from './time'

const nothing: SessionSummary = {
  commands: 0,
  messages: 0,
  octets: 0,
  reversePath: null,
  recipient: null,
  recipients: 0,
  fetched: 0,
  mailbox: null,
  idle: false,
  failedLogins: 0,
  refusal: null,
}
const tls13 = { version: 'TLSv1.3', cipher: 'TLS13_AES_256_GCM_SHA384', serverName: 'mail.lab.test' }

function session(
  id: number,
  clock: string,
  took: number | null,
  more: Partial<Omit<Session, 'did'>> & { did?: Partial<SessionSummary> },
): Session {
  const { did, ...rest } = more
  return {
    id,
    opened: at(clock),
    closed: took === null ? null : at(clock) + took * 1e6,
    service: 'submission',
    port: 2587,
    peer: '127.0.0.1',
    localUser: null,
    clientName: 'portatil',
    tls: tls13,
    user: null,
    mechanism: null,
    result: 'done',
    queueIds: [],
    ...rest,
    did: { ...nothing, ...did },
  }
}

export const sessions: Session[] = [
  session(54, '10:46:30', null, {
    service: 'imaps',
    port: 2993,
    clientName: 'mutt',
    user: 'luis@lab.test',
    mechanism: 'SCRAM-SHA-256',
    result: 'open',
    did: { commands: 9, fetched: 3, mailbox: 'INBOX', idle: true },
  }),
  session(53, '10:44:09', 0.02, { service: 'imaps', port: 2993, clientName: null, tls: null, result: 'notTrusted' }),
  session(51, '10:41:52', 1.4, {
    service: 'imaps',
    port: 2993,
    clientName: 'mutt',
    user: 'luis@lab.test',
    mechanism: 'SCRAM-SHA-256',
    did: { commands: 6, fetched: 1, mailbox: 'INBOX' },
  }),
  session(48, '10:41:07', 0.049, {
    user: 'ana@lab.test',
    mechanism: 'PLAIN',
    result: 'accepted',
    queueIds: ['4gFq2R0zXJ'],
    did: {
      commands: 8,
      messages: 1,
      octets: 612,
      reversePath: 'ana@lab.test',
      recipient: 'luis@lab.test',
      recipients: 1,
    },
  }),
  session(45, '10:38:40', 0.9, {
    service: 'smtp',
    port: 2525,
    peer: '127.0.0.66',
    clientName: 'lab.test',
    tls: null,
    result: 'refused',
    did: {
      commands: 4,
      reversePath: 'rey@correo-basura.test',
      refusal: '554 5.7.1 <victima@gran-correo.test>: Relay access denied',
    },
  }),
  session(44, '10:37:02', 4.2, {
    clientName: 'swaks',
    result: 'wrongPassword',
    did: { commands: 5, failedLogins: 2, refusal: '535 5.7.8 Authentication credentials invalid' },
  }),
  session(41, '10:36:12', 0.31, {
    user: 'ana@lab.test',
    mechanism: 'SCRAM-SHA-256',
    result: 'accepted',
    queueIds: ['4gFpY3Lh1d'],
    did: {
      commands: 9,
      messages: 1,
      octets: 87_204,
      reversePath: 'ana@lab.test',
      recipient: 'luis@lab.test',
      recipients: 1,
    },
  }),
  session(37, '10:30:02', 0.12, {
    clientName: 'mutt',
    user: 'luis@lab.test',
    mechanism: 'SCRAM-SHA-256',
    result: 'accepted',
    queueIds: ['4gFpT71mQz'],
    did: {
      commands: 9,
      messages: 1,
      octets: 1890,
      reversePath: 'luis@lab.test',
      recipient: 'ana@lab.test',
      recipients: 1,
    },
  }),
  session(30, '10:12:00', 300, {
    service: 'smtp',
    port: 2525,
    peer: '127.0.0.66',
    clientName: null,
    tls: null,
    result: 'timedOut',
  }),
]

const c = (text: string): Said => ({ kind: 'client', text })
const s = (text: string): Said => ({ kind: 'server', text })
function script(...lines: [number, Said][]): TranscriptLine[] {
  return lines.map(([ms, said]) => ({ after: ms * 1000, said }))
}

const transcripts: Record<number, TranscriptLine[]> = {
  48: script(
    [2, s('220 mail.lab.test ESMTP Postigo')],
    [3, c('EHLO portatil')],
    [3, s('250-mail.lab.test')],
    [3, s('250-PIPELINING')],
    [3, s('250-SIZE 52428800')],
    [3, s('250-STARTTLS')],
    [3, s('250-ENHANCEDSTATUSCODES')],
    [3, s('250 8BITMIME')],
    [4, c('STARTTLS')],
    [4, s('220 2.0.0 Ready to start TLS')],
    [17, { kind: 'tls', ...tls13 }],
    [18, c('EHLO portatil')],
    [18, s('250-mail.lab.test')],
    [18, s('250-AUTH PLAIN LOGIN SCRAM-SHA-256')],
    [18, s('250 8BITMIME')],
    [19, c(`AUTH PLAIN ${SECRET}`)],
    [33, s('235 2.7.0 Authentication successful')],
    [34, c('MAIL FROM:<ana@lab.test> SIZE=612')],
    [34, c('RCPT TO:<luis@lab.test>')],
    [34, s('250 2.1.0 Ok')],
    [34, s('250 2.1.5 Ok')],
    [35, c('DATA')],
    [35, s('354 End data with <CR><LF>.<CR><LF>')],
    [36, { kind: 'content', from_client: true, octets: 612 }],
    [41, s('250 2.0.0 Ok: queued as 4gFq2R0zXJ')],
    [49, c('QUIT')],
    [49, s('221 2.0.0 Bye')],
    [49, { kind: 'closed', by: 'client' }],
  ),
  45: script(
    [1, s('220 mail.lab.test ESMTP Postigo')],
    [204, c('EHLO lab.test')],
    [204, s('250-mail.lab.test')],
    [204, s('250 8BITMIME')],
    [410, c('MAIL FROM:<rey@correo-basura.test>')],
    [410, s('250 2.1.0 Ok')],
    [620, c('RCPT TO:<victima@gran-correo.test>')],
    [620, s('554 5.7.1 <victima@gran-correo.test>: Relay access denied')],
    [900, c('QUIT')],
    [900, s('221 2.0.0 Bye')],
    [900, { kind: 'closed', by: 'client' }],
  ),
  53: script(
    [20, { kind: 'tlsFailed', reason: 'received fatal alert: UnknownCA' }],
    [20, { kind: 'closed', by: 'client' }],
  ),
  54: script(
    [11, { kind: 'tls', ...tls13 }],
    [
      12,
      s('* OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID AUTH=PLAIN AUTH=SCRAM-SHA-256] mail.lab.test Postigo is ready'),
    ],
    [13, c('a1 ID ("name" "mutt")')],
    [13, s('* ID ("name" "Postigo" "version" "0.1.0")')],
    [13, s('a1 OK Pleased to meet you')],
    [14, c('a2 AUTHENTICATE SCRAM-SHA-256')],
    [14, s('+ ')],
    [15, c(SECRET)],
    [19, s(`+ ${SECRET}`)],
    [20, c(SECRET)],
    [
      24,
      s(
        'a2 OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID IDLE NAMESPACE CHILDREN UIDPLUS UNSELECT MOVE SPECIAL-USE] Logged in',
      ),
    ],
    [25, c('a3 LIST "" "*"')],
    [25, s('* LIST (\\HasNoChildren) "/" INBOX')],
    [25, s('* LIST (\\HasNoChildren \\Sent) "/" Sent')],
    [25, s('a3 OK Listed')],
    [26, c('a4 SELECT INBOX')],
    [27, s('* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)')],
    [27, s('* 214 EXISTS')],
    [27, s('* 1 RECENT')],
    [27, s('* OK [UNSEEN 213] The first unseen message')],
    [27, s('* OK [UIDVALIDITY 1795512000] UIDs are valid')],
    [27, s('* OK [UIDNEXT 215] The next UID')],
    [27, s('a4 OK [READ-WRITE] Selected')],
    [30, c('a5 UID FETCH 214 (FLAGS BODY.PEEK[])')],
    [31, s('* 214 FETCH (UID 214 FLAGS (\\Recent) BODY[] {612}')],
    [31, { kind: 'content', from_client: false, octets: 612 }],
    [31, s('a5 OK Fetched')],
    [40, c('a6 IDLE')],
    [40, s('+ Idling')],
  ),
}

export function sessionDetail(id: number, fromLine = 0): SessionDetail | undefined {
  const found = sessions.find((one) => one.id === id)
  if (!found) return undefined
  const lines = transcripts[id] ?? transcripts[48]!
  return { session: found, lines: lines.slice(fromLine), fromLine, truncated: false }
}
