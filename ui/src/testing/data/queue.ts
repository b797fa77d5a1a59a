import type { QueueFailure, QueueFailureKind, QueueRecipient, QueueRow, QueueState } from '$api'
import { at, now } from './time'

/** A message of the fake queue: its row without what follows from its recipients, and those. */
export interface Queued {
  queueId: string
  sender: string
  octets: number
  arrived: number
  subject: string
  recipients: QueueRecipient[]
}

const minutes = (count: number) => now + count * 60e6

function failure(
  kind: QueueFailureKind,
  clock: string,
  host: string | null,
  text: string,
  command: string | null = null,
  session: number | null = null,
): QueueFailure {
  return { kind, at: at(clock), host, text, command, session }
}
function recipient(
  address: string,
  state: QueueState,
  attempts: number,
  nextTry: number | null,
  why: QueueFailure | null,
  more: Partial<QueueRecipient> = {},
): QueueRecipient {
  const destination = address.slice(address.indexOf('@') + 1)
  /** Those before the last one failed alike, an ever longer time ago. */
  const tries = why
    ? Array.from({ length: Math.min(attempts, 10) }, (_, place) => {
        const before = Math.min(attempts, 10) - 1 - place
        return { ...why, at: why.at - before * (before + 1) * 150e6, session: before === 0 ? why.session : null }
      })
    : []
  return { number: 1, address, original: null, destination, state, attempts, nextTry, why, tries, ...more }
}

const grey = failure(
  'greylisted',
  '10:46:30',
  'mx.lista-gris.test[127.0.0.61]:25',
  '450 4.7.1 <info@lista-gris.test>: Recipient address rejected: Greylisted, please try again in 1500 seconds',
  'RCPT TO',
  45,
)

export const queued: Queued[] = [
  {
    queueId: '4gFqB2kWzN',
    sender: 'luis@lab.test',
    octets: 154_208,
    arrived: at('10:46:56'),
    subject: 'Fotos de la puerta',
    recipients: [recipient('marta@gran-correo.test', 'active', 0, null, null)],
  },
  {
    queueId: '4gFpT71mQz',
    sender: 'luis@lab.test',
    octets: 3_120,
    arrived: at('10:23:00'),
    subject: 'Inscripción al taller',
    recipients: [recipient('info@lista-gris.test', 'deferred', 3, minutes(4.2), grey)],
  },
  {
    queueId: '4gFpT8c0Kd',
    sender: 'luis@lab.test',
    octets: 3_344,
    arrived: at('10:23:04'),
    subject: 'Inscripción al taller',
    recipients: [
      recipient('socios@lista-gris.test', 'deferred', 0, minutes(4.2), {
        ...grey,
        kind: 'destinationResting',
        text: 'delivery temporarily suspended: mx.lista-gris.test failed moments ago',
        command: null,
        session: null,
      }),
      recipient('junta@lista-gris.test', 'deferred', 3, minutes(4.4), grey, {
        number: 2,
        original: 'avisos@lab.test',
      }),
    ],
  },
  {
    queueId: '4gFmK0aa9P',
    sender: 'ana@lab.test',
    octets: 41_020,
    arrived: at('08:41:12'),
    subject: 'Presupuesto de las puertas',
    recipients: [
      recipient(
        'pedro@lleno.test',
        'deferred',
        5,
        minutes(38),
        failure(
          'mailboxFull',
          '10:25:10',
          'mx.lleno.test[127.0.0.62]:25',
          '452 4.2.2 <pedro@lleno.test>: Mailbox full',
          'RCPT TO',
          37,
        ),
      ),
    ],
  },
  {
    queueId: '4gFk2tXv3B',
    sender: 'ana@lab.test',
    octets: 2_204,
    arrived: at('05:40:00'),
    subject: 'Copia de los planos',
    recipients: [
      recipient(
        'archivo@lento.test',
        'deferred',
        7,
        minutes(66),
        failure(
          'timedOut',
          '10:31:00',
          'mx.lento.test[127.0.0.63]:25',
          'conversation timed out while receiving the initial server greeting',
          null,
          22,
        ),
      ),
    ],
  },
  {
    queueId: '4gFh7Qp55r',
    sender: '',
    octets: 5_870,
    arrived: at('03:12:40'),
    subject: 'Undelivered Mail Returned to Sender',
    recipients: [
      recipient(
        'rey@correo-basura.test',
        'deferred',
        9,
        minutes(41),
        failure(
          'unreachable',
          '10:20:00',
          'correo-basura.test[127.0.0.64]:25',
          'connect to correo-basura.test[127.0.0.64]:25: Connection refused',
        ),
      ),
    ],
  },
  {
    queueId: '4gDx0Lm2Za',
    sender: 'marta@lab.test',
    octets: 9_410,
    arrived: at('10:02:00', 1),
    subject: 'Horario de la clase',
    recipients: [recipient('clase@instituto.test', 'held', 0, null, null)],
  },
  {
    queueId: '4gFpW93kTb',
    sender: 'ana@lab.test',
    octets: 2_870,
    arrived: at('10:12:30'),
    subject: 'Convocatoria del lunes',
    // Monday at eight.
    recipients: [recipient('equipo@otra-empresa.test', 'later', 0, Date.parse('2026-11-30T08:00:00') * 1000, null)],
  },
]

export function rowOf(message: Queued): QueueRow {
  const { queueId, sender, octets, arrived, recipients } = message
  const newest = recipients
    .flatMap(({ why }) => (why ? [why] : []))
    .reduce<QueueFailure | null>((best, one) => (best && best.at >= one.at ? best : one), null)
  const tries = recipients.flatMap(({ nextTry }) => (nextTry === null ? [] : [nextTry]))
  const has = (state: QueueState) => recipients.some((one) => one.state === state)
  return {
    queueId,
    sender,
    recipients: recipients.slice(0, 3).map(({ address }) => address),
    recipientCount: recipients.length,
    octets,
    arrived,
    state: has('active') ? 'active' : has('deferred') ? 'deferred' : has('later') ? 'later' : 'held',
    attempts: Math.max(0, ...recipients.map(({ attempts }) => attempts)),
    nextTry: tries.length > 0 ? Math.min(...tries) : null,
    why: newest,
  }
}

/** As many messages as a mailing to dead servers leaves behind. */
export function crowd(count: number): Queued[] {
  return Array.from({ length: count }, (_, place) => {
    const host = `mx.muerto-${place % 10_000}.test`
    const why = failure('unreachable', '10:40:00', null, `connect to ${host}[127.0.0.99]:25: Connection refused`)
    const address = `persona${place}@muerto-${place % 10_000}.test`
    return {
      queueId: `4gC${place.toString(36).padStart(7, '0')}`,
      sender: 'boletin@lab.test',
      octets: 12_000,
      arrived: at('08:00:00'),
      subject: 'Boletín',
      recipients: [recipient(address, 'deferred', 4, minutes(1) + place * 50_000, why)],
    }
  })
}
