import type { Folder, FolderRole, MailAccount, Message, MessageRow, Person } from '$api'
import { at } from './time'

export const mailAccounts: MailAccount[] = [
  {
    id: 'ana@lab.test',
    address: 'ana@lab.test',
    displayName: 'Ana Robles',
    local: true,
    imap: 'mail.lab.test:2993',
    submission: 'mail.lab.test:2465',
  },
  {
    id: 'luis@lab.test',
    address: 'luis@lab.test',
    displayName: 'Luis Vega',
    local: true,
    imap: 'mail.lab.test:2993',
    submission: 'mail.lab.test:2465',
  },
]

const folder = (name: string, role: FolderRole | null, messages: number, unseen = 0, depth = 0): Folder => ({
  name,
  label: name.split('/').at(-1) ?? name,
  depth,
  role,
  selectable: true,
  messages,
  unseen,
})
export const folders: Folder[] = [
  folder('INBOX', 'inbox', 6, 2),
  folder('Drafts', 'drafts', 1),
  folder('Sent', 'sent', 3),
  folder('Archive', 'archive', 48),
  folder('Junk', 'junk', 2),
  folder('Trash', 'trash', 0),
  folder('Taller', null, 4),
  folder('Taller/Puertas', null, 2, 0, 1),
]

const people: Record<string, Person> = {
  ana: { name: 'Ana Robles', address: 'ana@lab.test' },
  luis: { name: 'Luis Vega', address: 'luis@lab.test' },
  marta: { name: 'Marta Díaz', address: 'marta@lab.test' },
}
const row = (
  uid: number,
  from: keyof typeof people,
  subject: string,
  date: number,
  preview: string,
  more: Partial<MessageRow> = {},
): MessageRow => ({
  uid,
  from: people[from]!,
  to: [people.luis!],
  subject,
  date,
  flags: { seen: true, answered: false, flagged: false, draft: false, forwarded: false },
  octets: 612,
  hasAttachment: false,
  preview,
  ...more,
})
const unseen = { seen: false, answered: false, flagged: false, draft: false, forwarded: false }
export const messages: MessageRow[] = [
  row(
    214,
    'ana',
    'Prueba del puerto de envío',
    at('10:41:07'),
    'Hola, Luis: si lees esto, el puerto 2587 funciona y la contraseña también.',
    { flags: unseen },
  ),
  row(
    213,
    'ana',
    'Presupuesto de las puertas',
    at('10:36:12'),
    'Te paso el presupuesto con las tres maderas. La de pino sale a 340 €.',
    {
      flags: { ...unseen, flagged: true },
      hasAttachment: true,
      octets: 87_204,
    },
  ),
  row(
    209,
    'marta',
    'Fotos del portón nuevo',
    at('09:12:40'),
    'Ha quedado precioso. Míralo antes de que le den la segunda mano de añil.',
    { octets: 48_120 },
  ),
  row(205, 'ana', 'Re: Llaves del taller', at('18:20:00', 1), 'Las dejo en el buzón, como siempre.', {
    flags: { ...unseen, seen: true, answered: true },
  }),
  row(198, 'marta', '¿Comemos el jueves?', at('12:03:00', 2), 'Ana dice que puede a las dos. ¿Y tú?'),
  row(190, 'luis', 'Nota para mí: pedir bisagras', at('08:41:00', 9), 'Doce, de latón, de 80 mm.'),
]

const letter = `Hola, Luis:

Te paso el presupuesto con las tres maderas. La de pino sale a 340 €, la de castaño a 520 € y la de roble
a 610 €. Si eliges castaño, el carpintero puede empezar el lunes.

Un abrazo,
Ana`

export function message(uid: number): Message | undefined {
  const found = messages.find((one) => one.uid === uid)
  if (!found) return undefined
  const hasHtml = uid === 209
  const attachments = found.hasAttachment
    ? [{ part: '2', name: 'presupuesto.pdf', mediaType: 'application/pdf', octets: 61_440 }]
    : []
  const text = {
    part: '1',
    mediaType: 'text/plain',
    charset: 'utf-8',
    encoding: 'quoted-printable',
    disposition: null,
    name: null,
    octets: 420,
    children: [],
  }
  return {
    row: found,
    to: found.to,
    cc: uid === 213 ? [people.marta!] : [],
    bcc: [],
    replyTo: [],
    messageId: `5b1c.${uid}@lab.test`,
    text: uid === 213 ? letter : found.preview,
    hasHtml,
    hasRemote: hasHtml,
    attachments,
    headers: [
      { name: 'Return-Path', value: `<${found.from?.address}>`, raw: null },
      {
        name: 'Received',
        value:
          'from portatil ([127.0.0.1]) by mail.lab.test (Postigo) with ESMTPSA id 4gFq2R0zXJ for <luis@lab.test>; Tue, 24 Nov 2026 10:41:07 +0100',
        raw: null,
      },
      { name: 'Date', value: 'Tue, 24 Nov 2026 10:41:07 +0100', raw: null },
      { name: 'From', value: `${found.from?.name} <${found.from?.address}>`, raw: null },
      { name: 'To', value: 'Luis Vega <luis@lab.test>', raw: null },
      { name: 'Subject', value: found.subject, raw: '=?utf-8?q?Prueba_del_puerto_de_env=C3=ADo?=' },
      { name: 'Message-ID', value: `<5b1c.${uid}@lab.test>`, raw: null },
    ],
    parts: attachments.length
      ? {
          part: '',
          mediaType: 'multipart/mixed',
          charset: null,
          encoding: null,
          disposition: null,
          name: null,
          octets: found.octets,
          children: [
            text,
            {
              part: '2',
              mediaType: 'application/pdf',
              charset: null,
              encoding: 'base64',
              disposition: 'attachment',
              name: 'presupuesto.pdf',
              octets: 61_440,
              children: [],
            },
          ],
        }
      : text,
    queueId: '4gFq2R0zXJ',
  }
}

export function messageSource(uid: number): string {
  const shown = message(uid)
  if (!shown) return ''
  return (
    shown.headers.map(({ name, value, raw }) => `${name}: ${raw ?? value}`).join('\r\n') + `\r\n\r\n${shown.text}\r\n`
  )
}

export function messageHtml(remote: boolean): string {
  const picture = remote ? '<p><i>(picture)</i></p>' : ''
  return `<!doctype html><meta charset="utf-8"><body style="font:15px system-ui;margin:0"><p>Ha quedado <b>precioso</b>. Míralo antes de que le den la segunda mano de añil.</p>${picture}<p>Marta</p>`
}
