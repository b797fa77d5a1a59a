import type { Listener, Overview, ServerStatus, Service, Settings, TlsStatus } from '$api'
import {
  dnsDefaults,
  dnsNow,
  flowDefaults,
  flowNow,
  queueDefaults,
  limitsDefaults,
  restrictionsDefaults,
  restrictionsNow,
} from './flow'
import { at } from './time'

const ports: [Service, number, number, boolean][] = [
  ['smtp', 25, 2525, false],
  ['submission', 587, 2587, false],
  ['submissions', 465, 2465, true],
  ['imap', 143, 2143, false],
  ['imaps', 993, 2993, true],
]

export const listeners: Listener[] = ports.map(([service, standardPort, port, implicitTls]) => ({
  service,
  port,
  standardPort,
  reason: service === 'smtp' ? { kind: 'held', port: 25, program: 'exim4', pid: 812 } : { kind: 'needsPrivilege' },
  implicitTls,
  open: true,
  error: null,
  sessions: service === 'imaps' ? 1 : 0,
}))

export const running: ServerStatus = {
  phase: 'running',
  error: null,
  startedAt: at('08:27:12'),
  pid: 4021,
  version: '0.1.0',
  dataDir: '/home/ana/Postigo',
  domains: ['lab.test'],
  host: 'mail.lab.test',
  mode: 'lab',
  role: 'standalone',
  listen: '127.0.0.1',
  listeners,
}

export const overview: Overview = {
  receivedToday: 27,
  sentToday: 16,
  refusedToday: 3,
  hourly: [0, 0, 0, 0, 1, 0, 2, 0, 0, 3, 1, 0, 0, 0, 4, 6, 3, 0, 5, 2, 7, 4, 3, 2],
  openSessions: 2,
  attention: [
    { code: 'clientDistrusts', severe: false, params: { client: 'portatil', times: '2', session: '53' } },
    { code: 'noPostmaster', severe: false, params: {} },
  ],
  recent: [
    [
      '4gFq2R0zXJ',
      48,
      '10:41:07',
      'Prueba del puerto de envío',
      'ana@lab.test',
      'luis@lab.test',
      'portatil',
      'delivered',
    ],
    [
      '4gFpY3Lh1d',
      41,
      '10:36:12',
      'Presupuesto de las puertas',
      'ana@lab.test',
      'luis@lab.test',
      'portatil',
      'delivered',
    ],
    [null, 45, '10:38:40', null, 'rey@correo-basura.test', 'victima@gran-correo.test', 'lab.test', 'refused'],
    ['4gFpT71mQz', 37, '10:30:02', 'Inscripción al taller', 'luis@lab.test', 'ana@lab.test', 'mutt', 'delivered'],
    [
      '4gFn0cVb2K',
      22,
      '09:58:31',
      'Re: Presupuesto de las puertas',
      'luis@lab.test',
      'ana@lab.test',
      'mutt',
      'delivered',
    ],
  ].map(([queueId, session, clock, subject, reversePath, recipient, client, outcome]) => ({
    queueId: queueId as string | null,
    session: session as number,
    at: at(clock as string),
    subject: subject as string | null,
    reversePath: reversePath as string,
    recipients: [recipient as string],
    recipientCount: 1,
    client: client as string,
    outcome: outcome as 'delivered' | 'refused',
  })),
}

const values: Settings['defaults'] = {
  mode: 'lab',
  role: 'standalone',
  host: 'mail.lab.test',
  domains: ['lab.test'],
  listen: '127.0.0.1',
  ports: 'standard',
  messageSizeLimit: 26_214_400,
  bareNewlines: 'refuse',
  cramMd5: false,
  xclientHosts: [],
  submitUsers: ['static:anyone'],
  recipientLimit: 1000,
  sessionsPerClient: 50,
  sessionsTotal: 1000,
  stopGraceSeconds: 10,
  traceDays: 30,
  traceMegabytes: 500,
  mailSpoolDirectory: '/var/mail',
  homeMailbox: '',
  certificatePath: null,
  keyPath: null,
  flow: flowDefaults,
  queue: queueDefaults,
  dns: dnsDefaults,
  restrictions: restrictionsDefaults,
  clientLimits: limitsDefaults,
  timeouts: {
    connectSeconds: 30,
    heloSeconds: 300,
    starttlsSeconds: 60,
    mailSeconds: 300,
    rcptSeconds: 300,
    dataInitSeconds: 120,
    dataXferSeconds: 180,
    dataDoneSeconds: 600,
  },
}
export const settings: Settings = {
  current: {
    ...values,
    messageSizeLimit: 52_428_800,
    traceDays: 7,
    flow: flowNow,
    dns: dnsNow,
    restrictions: restrictionsNow,
  },
  defaults: values,
  path: '/home/ana/Postigo/postigo.toml',
  relayPassword: 'none',
}

export const tls: TlsStatus = {
  authority: {
    subject: 'Postigo CA (lab.test)',
    issuer: 'Postigo CA (lab.test)',
    names: ['lab.test', 'localhost'],
    key: 'ECDSA P-256',
    notBefore: at('08:20:00', 12),
    notAfter: at('08:20:00', -3638),
    daysLeft: 3638,
    fingerprint: 'E2:1B:0C:7A:94:5F:DD:03:1A:66:B8:2E:41:7C:90:AF:5D:22:08:E1:B3:4A:F7:6C:19:D0:55:8B:A2:3E:71:C4',
  },
  authorityPath: '/home/ana/Postigo/tls/authority.pem',
  server: {
    subject: 'mail.lab.test',
    issuer: 'Postigo CA (lab.test)',
    names: ['mail.lab.test', 'lab.test', 'localhost'],
    key: 'ECDSA P-256',
    notBefore: at('08:20:00', 12),
    notAfter: at('08:20:00', -385),
    daysLeft: 385,
    fingerprint: '7C:51:9E:20:D4:0B:6F:A8:33:C9:12:8D:E7:54:1F:06:BB:90:4C:E3:27:6A:D1:5E:88:0F:F2:39:C6:73:AD:14',
  },
  listeners: listeners.map(({ service, port, open, implicitTls }) => ({
    service,
    port,
    open,
    start: implicitTls ? 'implicit' : service === 'smtp' ? 'starttlsOptional' : 'starttlsRequired',
    versions: ['1.2', '1.3'],
    last:
      service === 'submission'
        ? {
            at: at('10:41:07'),
            session: 48,
            version: 'TLSv1.3',
            cipher: 'TLS13_AES_256_GCM_SHA384',
            result: 'accepted',
            client: 'portatil',
          }
        : service === 'imaps'
          ? { at: at('10:44:09'), session: 53, version: null, cipher: null, result: 'notTrusted', client: 'portatil' }
          : null,
  })),
}
