import type { Method, Params, Reply, Suppression } from '$api'
import { ApiError } from '$platform'
import { at, now } from './data/time'

export type SuppressionMethod = Extract<Method, `suppression.${string}`>
type Answers = { [M in SuppressionMethod]: (params: Params<M>) => Reply<M> }

/** The suppression list, over made-up entries. */
export class FakeSuppression {
  entries: Suppression[]

  constructor(empty: boolean) {
    this.entries = empty
      ? []
      : [
          {
            address: 'martha@gran-correo.test',
            reason: 'bounced',
            since: at('09:12:40'),
            until: at('09:12:40') + 7 * 86_400e6,
            reply: '550 5.1.1 <martha@gran-correo.test>: Recipient address rejected: User unknown',
            queueId: '4gFk0ab2Qx',
          },
          {
            address: 'socios-antiguos@lista-gris.test',
            reason: 'manual',
            since: at('18:40:00', 3),
            until: null,
            reply: 'Pidieron no recibir más avisos',
            queueId: null,
          },
        ]
  }

  answer<M extends SuppressionMethod>(method: M, params: Params<M>): Reply<M> {
    return (this.#answers[method] as (params: Params<M>) => Reply<M>)(params)
  }

  readonly #answers: Answers = {
    'suppression.list': ({ text, after, limit }) => {
      const wanted = text?.toLowerCase() ?? ''
      const fits = ({ address }: Suppression) => address.includes(wanted) && address > (after ?? '')
      const all = this.entries.filter(fits).sort((a, b) => a.address.localeCompare(b.address))
      const entries = all.slice(0, limit ?? 200)
      return { entries, total: this.entries.length, next: entries.length < all.length ? entries.at(-1)!.address : null }
    },
    'suppression.add': ({ address, note }) => {
      if (!/^[^@\s]+@[^@\s]+$/.test(address)) throw refuse('address.invalid', address)
      const entry: Suppression = {
        address: address.toLowerCase(),
        reason: 'manual',
        since: now,
        until: null,
        reply: note,
        queueId: null,
      }
      this.entries = [...this.entries.filter((one) => one.address !== entry.address), entry]
      return entry
    },
    'suppression.remove': ({ address }) => {
      if (!this.entries.some((one) => one.address === address)) throw refuse('suppression.unknown', address)
      this.entries = this.entries.filter((one) => one.address !== address)
      return {}
    },
  }
}

function refuse(code: ApiError['code'], address: string): ApiError {
  return new ApiError({ code, text: code, params: { address } })
}
