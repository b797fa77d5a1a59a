import type { Account } from '$api'
import { at } from './time'

function person(user: string, displayName: string, more: Partial<Account>): Account {
  return {
    address: `${user}@lab.test`,
    user,
    domain: 'lab.test',
    displayName,
    enabled: true,
    created: at('08:26:40', 12),
    messages: 0,
    unseen: 0,
    octets: 0,
    lastLogin: null,
    aliases: [],
    storage: {
      format: 'maildir',
      systemUser: null,
      path: `/home/ana/Postigo/mail/lab.test/${user}/Maildir`,
      trouble: null,
    },
    ...more,
  }
}

export const accounts: Account[] = [
  person('ana', 'Ana Robles', {
    messages: 128,
    unseen: 1,
    octets: 8_412_330,
    lastLogin: { at: at('10:41:07'), service: 'submission', client: 'portatil' },
    aliases: ['postmaster@lab.test', 'abuse@lab.test'],
  }),
  person('luis', 'Luis Vega', {
    messages: 214,
    unseen: 2,
    octets: 41_902_118,
    lastLogin: { at: at('10:41:52'), service: 'imaps', client: 'mutt' },
  }),
  person('marta', 'Marta Díaz', {
    messages: 12,
    octets: 96_420,
    lastLogin: { at: at('17:02:00', 3), service: 'imap', client: 'Thunderbird' },
  }),
  person('taller', 'Taller de puertas', { enabled: false, created: at('09:00:00', 4) }),
]
