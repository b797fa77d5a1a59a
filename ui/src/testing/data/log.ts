import type { Journey, Level, LogLine } from '$api'
import { sessionDetail } from './sessions'
import { at } from './time'

const rows: [string, string, number, string | null, Level, string][] = [
  ['08:27:12', 'master', 0, null, 'info', 'daemon started -- version 0.1.0'],
  ['08:27:12', 'master', 0, null, 'info', 'submission listening on 127.0.0.1:2587'],
  ['10:36:12', 'smtpd', 41, null, 'info', 'connect from portatil[127.0.0.1]'],
  [
    '10:36:12',
    'smtpd',
    41,
    null,
    'info',
    'Anonymous TLS connection established from portatil[127.0.0.1]: TLSv1.3 with cipher TLS13_AES_256_GCM_SHA384',
  ],
  [
    '10:36:12',
    'smtpd',
    41,
    '4gFpY3Lh1d',
    'info',
    'client=portatil[127.0.0.1], sasl_method=SCRAM-SHA-256, sasl_username=ana@lab.test',
  ],
  ['10:36:12', 'cleanup', 41, '4gFpY3Lh1d', 'info', 'message-id=<5b1c.27@lab.test>'],
  ['10:36:12', 'qmgr', 41, '4gFpY3Lh1d', 'info', 'from=<ana@lab.test>, size=87204, nrcpt=1 (queue active)'],
  [
    '10:36:12',
    'virtual',
    41,
    '4gFpY3Lh1d',
    'info',
    'to=<luis@lab.test>, relay=virtual, delay=0.31, delays=0.29/0/0/0.02, dsn=2.0.0, status=sent (delivered to maildir)',
  ],
  ['10:36:12', 'qmgr', 41, '4gFpY3Lh1d', 'info', 'removed'],
  [
    '10:36:12',
    'smtpd',
    41,
    null,
    'info',
    'disconnect from portatil[127.0.0.1] ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8',
  ],
  [
    '10:37:04',
    'smtpd',
    44,
    null,
    'warning',
    'warning: portatil[127.0.0.1]: SASL PLAIN authentication failed: wrong name or password, sasl_username=ana',
  ],
  ['10:38:40', 'smtpd', 45, null, 'info', 'connect from unknown[127.0.0.66]'],
  [
    '10:38:40',
    'smtpd',
    45,
    null,
    'refused',
    'NOQUEUE: reject: RCPT from unknown[127.0.0.66]: 554 5.7.1 <victima@gran-correo.test>: Relay access denied; from=<rey@correo-basura.test> to=<victima@gran-correo.test> proto=ESMTP helo=<lab.test>',
  ],
  [
    '10:38:41',
    'smtpd',
    45,
    null,
    'info',
    'disconnect from unknown[127.0.0.66] ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4',
  ],
  ['10:41:07', 'smtpd', 48, null, 'info', 'connect from portatil[127.0.0.1]'],
  [
    '10:41:07',
    'smtpd',
    48,
    '4gFq2R0zXJ',
    'info',
    'client=portatil[127.0.0.1], sasl_method=PLAIN, sasl_username=ana@lab.test',
  ],
  ['10:41:07', 'cleanup', 48, '4gFq2R0zXJ', 'info', 'message-id=<5b1c.31@lab.test>'],
  ['10:41:07', 'qmgr', 48, '4gFq2R0zXJ', 'info', 'from=<ana@lab.test>, size=612, nrcpt=1 (queue active)'],
  [
    '10:41:07',
    'virtual',
    48,
    '4gFq2R0zXJ',
    'info',
    'to=<luis@lab.test>, relay=virtual, delay=0.05, delays=0.04/0/0/0.01, dsn=2.0.0, status=sent (delivered to maildir)',
  ],
  ['10:41:07', 'qmgr', 48, '4gFq2R0zXJ', 'info', 'removed'],
  ['10:41:52', 'imap', 51, null, 'info', 'Login: user=<luis@lab.test>, method=SCRAM-SHA-256, rip=127.0.0.1, TLS'],
  [
    '10:44:09',
    'imap',
    53,
    null,
    'warning',
    'warning: TLS handshake failed from portatil[127.0.0.1]: received fatal alert: UnknownCA',
  ],
  ['10:46:30', 'imap', 54, null, 'info', 'Login: user=<luis@lab.test>, method=SCRAM-SHA-256, rip=127.0.0.1, TLS'],
]

/** What one message on a quiet day writes. */
const cycle: [string, boolean, string][] = [
  ['smtpd', false, 'connect from portatil[127.0.0.1]'],
  ['smtpd', true, 'client=portatil[127.0.0.1], sasl_method=SCRAM-SHA-256, sasl_username=luis@lab.test'],
  ['cleanup', true, 'message-id=<5b1b.7@lab.test>'],
  ['qmgr', true, 'from=<luis@lab.test>, size=1890, nrcpt=1 (queue active)'],
  [
    'virtual',
    true,
    'to=<ana@lab.test>, relay=virtual, delay=0.05, delays=0.04/0/0/0.01, dsn=2.0.0, status=sent (delivered to maildir)',
  ],
  ['qmgr', true, 'removed'],
  [
    'smtpd',
    false,
    'disconnect from portatil[127.0.0.1] ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8',
  ],
]

/** Line number so many of a server that gets one message after the other, from a moment on. */
export function busyLine(id: number, start: number, everyMicros: number): LogLine {
  const round = Math.floor(id / cycle.length)
  const [service, isAbout, text] = cycle[id % cycle.length]!
  const queueId = isAbout ? `4gF${(1e6 + round).toString(36)}` : null
  return {
    id,
    at: start + id * everyMicros,
    level: 'info',
    service,
    pid: 1 + round,
    queueId,
    session: 1 + round,
    text: queueId ? `${queueId}: ${text}` : text,
  }
}

/** An older day, so that there is something to page through. */
const older: LogLine[] = Array.from({ length: 1400 }, (_, place) => busyLine(place, at('09:00:00', 1), 9e6))

export const logLines: LogLine[] = [
  ...older,
  ...rows.map(([clock, service, session, queueId, level, text], place): LogLine => ({
    id: 1400 + place,
    at: at(clock) + place * 1000,
    level,
    service,
    pid: session,
    queueId,
    session: session || null,
    text: queueId ? `${queueId}: ${text}` : text,
  })),
]

export const journey: Journey = {
  queueId: '4gFq2R0zXJ',
  messageId: '5b1c.31@lab.test',
  subject: 'Prueba del puerto de envío',
  outcome: 'delivered',
  steps: [
    {
      at: at('10:41:07'),
      kind: 'submitted',
      params: {
        client: 'portatil',
        peer: '127.0.0.1',
        port: '2587',
        service: 'submission',
        tls: 'TLSv1.3',
        mechanism: 'PLAIN',
        user: 'ana@lab.test',
      },
      session: 48,
      ok: true,
    },
    {
      at: at('10:41:07') + 34_000,
      kind: 'checked',
      params: { reversePath: 'ana@lab.test', recipients: '1', octets: '612' },
      session: 48,
      ok: true,
    },
    {
      at: at('10:41:07') + 41_000,
      kind: 'accepted',
      params: { reply: '250 2.0.0 Ok: queued as 4gFq2R0zXJ', octets: '612' },
      session: 48,
      ok: true,
    },
    {
      at: at('10:41:07') + 49_000,
      kind: 'delivered',
      params: {
        recipient: 'luis@lab.test',
        mailbox: 'INBOX',
        uid: '214',
        path: 'mail/lab.test/luis/Maildir/new/1795512067.M312.mail',
        delay: '0.05',
      },
      session: null,
      ok: true,
    },
  ],
  sessions: [sessionDetail(48)!],
}
