import type { Draft, Folder, FolderRole, HeaderField, MailAccount, MessageRow, Person } from '$api'
import { at, now } from './time'

/** A message of the made-up world: its row, its text, and what else there is of it. */
export interface Letter {
  row: MessageRow
  text: string
  cc?: Person[]
  headers?: HeaderField[]
  html?: { body: string; remote: boolean }
  files?: { part: string; name: string; mediaType: string; base64: string }[]
  /** Our identifier; without it the message did not come through this server. */
  queueId?: string
}

const account = (user: string, displayName: string): MailAccount => ({
  id: `${user}@lab.test`,
  address: `${user}@lab.test`,
  displayName,
  local: true,
  imap: 'mail.lab.test:2993',
  submission: 'mail.lab.test:2465',
})
export const mailAccounts: MailAccount[] = [account('ana', 'Ana Robles'), account('luis', 'Luis Vega')]

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
  folder('INBOX', 'inbox', 9, 3),
  folder('Drafts', 'drafts', 1),
  folder('Sent', 'sent', 2),
  folder('Archive', 'archive', 5000, 12),
  folder('Junk', 'junk', 1, 1),
  folder('Trash', 'trash', 0),
  folder('Taller', null, 2),
  folder('Taller/Puertas', null, 0, 0, 1),
]

export const emptyDraft: Draft = {
  to: [],
  cc: [],
  bcc: [],
  subject: '',
  text: '',
  attachments: [],
  answers: null,
  forwards: null,
  savedAs: null,
}

const people = {
  ana: { name: 'Ana Robles', address: 'ana@lab.test' },
  luis: { name: 'Luis Vega', address: 'luis@lab.test' },
  marta: { name: 'Marta Díaz', address: 'marta@lab.test' },
  profe: { name: 'Profe de Redes', address: 'profe@lab.test' },
  boletin: { name: 'Boletín de la madera', address: 'noticias@maderas.example' },
  postmaster: { name: '', address: 'postmaster@lab.test' },
} satisfies Record<string, Person>

const read = { seen: true, answered: false, flagged: false, draft: false, forwarded: false }
const unread = { ...read, seen: false }

function letter(
  uid: number,
  from: Person,
  subject: string,
  date: number,
  text: string,
  { row, ...more }: Omit<Partial<Letter>, 'row' | 'text'> & { row?: Partial<MessageRow> } = {},
): Letter {
  const preview = text.replace(/\s+/g, ' ').slice(0, 160)
  const made: MessageRow = {
    uid,
    from,
    to: [people.luis],
    subject,
    date,
    flags: read,
    octets: 900 + text.length,
    hasAttachment: more.files !== undefined,
    preview,
    ...row,
  }
  return { row: made, text, headers: headersOf(made, more.html !== undefined), ...more }
}

function headersOf({ uid, from, to, subject }: MessageRow, html: boolean): HeaderField[] {
  const field = (name: string, value: string, raw: string | null = null): HeaderField => ({ name, value, raw })
  return [
    field('Return-Path', `<${from?.address}>`),
    field(
      'Received',
      `from portatil ([127.0.0.1]) by mail.lab.test (Postigo) with ESMTPSA (TLSv1.3:TLS13_AES_256_GCM_SHA384) id 4gFq2R0zXJ for <${to[0]?.address}>; Tue, 24 Nov 2026 10:41:07 +0100`,
    ),
    field('Date', 'Tue, 24 Nov 2026 10:41:07 +0100'),
    field('From', `${from?.name} <${from?.address}>`),
    field('To', to.map(({ name, address }) => `${name} <${address}>`).join(', ')),
    field(
      'Subject',
      subject,
      /[^ -~]/.test(subject) ? `=?utf-8?Q?${subject.replace(/[^ -~]/g, '=C3=B3').replaceAll(' ', '_')}?=` : null,
    ),
    field('Message-ID', `<5b1c.${uid}@lab.test>`),
    field('MIME-Version', '1.0'),
    field('Content-Type', html ? 'multipart/alternative; boundary="=_postigo"' : 'text/plain; charset=utf-8'),
    ...(html
      ? [
          field(
            'DKIM-Signature',
            'v=1; a=rsa-sha256; c=relaxed/relaxed; d=maderas.example; s=k1; h=from:to:subject:date; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b=Qb8fX…',
          ),
          field('List-Unsubscribe', '<https://maderas.example/baja>'),
        ]
      : []),
  ]
}

/** A little picture of a door: 96 × 120, one colour on another. */
const picture =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAKCAIAAAAGpYjXAAAAJklEQVR42mMwcV6AFTFglTBxXkA1CRBQqeiAowGRwGM5bqMGyq8ASI9uMacpAnwAAAAASUVORK5CYII='
const pdf = btoa('%PDF-1.4\n' + 'x'.repeat(61_431))

const inbox: Letter[] = [
  letter(
    214,
    people.ana,
    'Prueba del puerto de envío',
    at('10:41:07'),
    `Luis:

Si lees esto, el mensaje ha pasado por el puerto 2587, se ha cifrado con TLS y ha entrado con mi contraseña. Abre la pestaña «Su viaje» y verás lo que se dijeron mi programa y el servidor, palabra por palabra.

Te adjunto el dibujo de la puerta para Marta. El postigo se abre hacia dentro, así quien llama solo ve lo que tú quieres.

Un abrazo,
Ana`,
    {
      row: { flags: unread },
      cc: [people.marta],
      queueId: '4gFq2R0zXJ',
      files: [{ part: '2', name: 'puerta-marta.pdf', mediaType: 'application/pdf', base64: pdf }],
    },
  ),
  letter(
    213,
    people.marta,
    'Re: Presupuesto de las puertas',
    at('09:58:00'),
    `De acuerdo con el precio. ¿Podrías pintarlas en añil? He visto el tono en
https://es.wikipedia.org/wiki/A%C3%B1il_(color) y en el portón de tu taller.

Si hay que pagar una señal, dímelo (o escribe a cuentas@lab.test).

El lunes, 23 de noviembre de 2026, 18:20, Luis Vega escribió:
> Hola, Marta:
>
> te mando el presupuesto con las tres maderas. La de pino sale a 340 €,
> la de castaño a 520 € y la de roble a 610 €.
>
> > ¿Y cuánto tardan?
>
> Dos semanas, si no llueve.

-- 
Marta Díaz
Panadería de la plaza`,
    { row: { flags: { ...unread, flagged: true } }, queueId: '4gFq1Z9aBc' },
  ),
  letter(
    212,
    people.boletin,
    'Castaño de temporada: puertas que duran un siglo',
    at('09:12:40'),
    'Este otoño, castaño del Bierzo con un quince por ciento de descuento hasta el viernes. Puertas, postigos y contraventanas a medida.',
    {
      row: { flags: unread, octets: 48_120 },
      queueId: '4gFq0Y8xWq',
      html: { remote: true, body: newsletter(false) },
    },
  ),
  letter(
    211,
    people.ana,
    'Las llaves del taller',
    at('09:02:00'),
    'Te las dejo en el buzón de abajo, el que chirría.',
    {
      row: { flags: { ...read, answered: true } },
      queueId: '4gFpZ7wVnm',
    },
  ),
  letter(
    205,
    people.profe,
    'Entrega de la práctica 1',
    at('17:20:00', 1),
    'Recordad que el informe se entrega en HTML y que hay que explicar cada cabecera Received. Os dejo una foto de la pizarra.',
    {
      queueId: '4gFpX6vUlk',
      files: [{ part: '2', name: 'pizarra.png', mediaType: 'image/png', base64: picture }],
    },
  ),
  letter(
    204,
    people.ana,
    'Re: ¿mbox o Maildir?',
    at('12:48:00', 1),
    'Los dos valen para IMAP: cambia cómo se guarda. En Maildir cada mensaje es un archivo, y dos programas pueden leerlo a la vez sin pelearse.',
    { row: { flags: { ...read, forwarded: true } }, queueId: '4gFpW5uTkj' },
  ),
  letter(
    203,
    people.postmaster,
    'No se ha podido entregar',
    at('11:03:00', 1),
    '550 5.1.1: no existe el buzón lius@lab.test. El mensaje original va debajo.',
    { queueId: '4gFpV4tSji' },
  ),
  letter(198, people.marta, '¿Comemos el jueves?', at('12:03:00', 3), 'Ana dice que puede a las dos. ¿Y tú?', {
    row: { to: [people.luis, people.ana, people.profe, { name: '', address: 'taller@lab.test' }] },
    queueId: '4gFpU3sRih',
  }),
  letter(190, people.luis, 'Nota para mí: pedir bisagras', at('08:41:00', 15), 'Doce, de latón, de 80 mm.', {
    queueId: '4gFpT2rQhg',
  }),
]

const other: Record<string, Letter[]> = {
  Drafts: [
    letter(7, people.luis, 'Medidas del portón', at('08:30:00'), 'Marta:\n\nte mando las medidas que me pediste.\n\n', {
      row: { to: [people.marta], flags: { ...read, draft: true } },
    }),
  ],
  Sent: [
    letter(
      31,
      people.luis,
      'Presupuesto de las puertas',
      at('18:20:00', 1),
      'Hola, Marta:\n\nte mando el presupuesto con las tres maderas.',
      {
        row: { to: [people.marta] },
      },
    ),
    letter(
      30,
      people.luis,
      '¿mbox o Maildir?',
      at('12:15:00', 1),
      'En clase han dicho que mbox no sirve para IMAP. ¿Es verdad?',
      {
        row: { to: [people.ana] },
      },
    ),
  ],
  Junk: [
    letter(
      5,
      { name: 'Banco Seguro', address: 'aviso@banco-seguro.example' },
      'Su cuenta será cerrada',
      at('04:12:00', 1),
      'Entre en https://banco-seguro.example@robo.example/ y confirme su clave.',
      {
        row: { flags: unread },
        queueId: '4gFpS1qPgf',
      },
    ),
  ],
  Taller: [
    letter(3, people.ana, 'Lista de herramientas', at('10:00:00', 30), 'Falta el formón de 12.'),
    letter(2, people.marta, 'Foto del portón viejo', at('10:00:00', 400), 'Así estaba antes.'),
  ],
}

/** As many old messages as asked for, for a folder that is too long to load at once. */
export function bulk(count: number): Letter[] {
  const authors = [people.ana, people.marta, people.profe, people.boletin]
  return Array.from({ length: count }, (_, place) => {
    const uid = count - place
    const date = now - (place + 30) * 5_400_000_000
    const text = `Mensaje ${uid} de una carpeta larga. Lo que importa aquí es que la lista no se atragante.`
    return letter(uid, authors[place % 4]!, `Acta ${uid} de la comunidad`, date, text, {
      row: { flags: place % 417 === 0 ? unread : read },
    })
  })
}

/** What lies where at the beginning. luis has a morning's mail, ana a quiet one. */
export function spread(account: string, name: string): Letter[] {
  const copied = (letters: readonly Letter[]) => letters.map((one) => ({ ...one }))
  if (name === 'Archive') return bulk(account === 'luis@lab.test' ? 5000 : 40)
  if (account === 'luis@lab.test') return copied(name === 'INBOX' ? inbox : (other[name] ?? []))
  return name === 'INBOX'
    ? copied(inbox.slice(4, 6)).map((one) => ({ ...one, row: { ...one.row, to: [people.ana] } }))
    : []
}

export function newcomer(uid: number): Letter {
  return letter(uid, people.ana, 'Recién llegado', now, 'Acaba de entrar por la puerta.', {
    row: { flags: unread },
    queueId: '4gFq2R0zXJ',
  })
}

export function messageHtml({ html }: Letter, remote: boolean): string {
  return html?.remote && remote ? newsletter(true) : (html?.body ?? '')
}
function newsletter(remote: boolean): string {
  const drawing = remote
    ? `<svg width="520" height="150" viewBox="0 0 520 150"><rect width="520" height="150" fill="#e9dfc8"/><path d="M210 150V70a50 50 0 0 1 100 0v80z" fill="#7b5a34"/></svg>`
    : ''
  return `<!doctype html><meta charset="utf-8"><style>body{font:15px/1.5 Georgia,serif;margin:24px;color:#222;max-width:520px}h1{font-size:24px;color:#7b5a34}a{color:#7b5a34}.b{display:block;width:520px;max-width:100%;height:${remote ? 'auto' : '0'}}</style><h1>Castaño de temporada</h1><span class="b">${drawing}</span><p>Este otoño, castaño del Bierzo con un <b>quince por ciento</b> de descuento hasta el viernes. Puertas, postigos y contraventanas a medida.</p><p><a href="https://maderas.example/castano" target="_blank">Ver las maderas</a></p><p><small>Recibes este boletín porque te apuntaste en la feria.</small></p>`
}
