import type { Route, RouteAnswer } from '$api'
import type { IconName } from '$lib/icons'
import type { Status } from '$lib/status'
import { m } from '$messages'

/** How a recipient is shown: `fail` will not arrive, `warn` is thrown away, `pass` will. */
export interface Forecast {
  status: Extract<Status, 'pass' | 'warn' | 'fail' | 'unknown' | 'running'>
  icon: IconName
  words: string
}

const waiting = (): Forecast => ({ status: 'running', icon: 'running', words: m['mail.route.asking']() })

export function forecastOf(address: string, answer: RouteAnswer | undefined): Forecast {
  return answer ? words(answer.address ?? address, answer.route) : waiting()
}

function words(address: string, route: Route): Forecast {
  switch (route.kind) {
    case 'mailbox':
      return { status: 'pass', icon: 'mailbox', words: m['mail.route.mailbox']() }
    case 'unknownUser':
      return { status: 'fail', icon: 'fail', words: m['mail.route.unknown_user']({ address }) }
    case 'disabled':
      return { status: 'fail', icon: 'fail', words: m['mail.route.disabled']({ address }) }
    case 'several':
      return { status: 'pass', icon: 'users', words: several(route) }
    case 'otherServer':
      return { status: 'pass', icon: 'server', words: elsewhere(route) }
    case 'refused':
      return { status: 'fail', icon: 'fail', words: m['mail.route.refused']({ reply: route.reply }) }
    case 'discard':
      return { status: 'warn', icon: 'server', words: m['mail.route.discard']() }
    case 'theirDecision':
      return { status: 'unknown', icon: 'server', words: m['mail.route.their_decision']() }
    case 'invalid':
      return { status: 'fail', icon: 'fail', words: m['mail.route.invalid']({ address }) }
  }
}

const elsewhere = ({ domain, through }: Extract<Route, { kind: 'otherServer' }>) =>
  through === null ? m['mail.route.other_server']({ domain }) : m['mail.route.through']({ through })

const several = ({ mailboxes, elsewhere }: Extract<Route, { kind: 'several' }>) =>
  elsewhere === 0
    ? m['mail.route.several_here']({ count: mailboxes })
    : m['mail.route.several']({ mailboxes, elsewhere })

/** Whether the server is known to refuse it. */
export function isHopeless({ route }: RouteAnswer): boolean {
  return ['unknownUser', 'disabled', 'refused', 'invalid'].includes(route.kind)
}
