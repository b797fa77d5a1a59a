import type { Route, RouteAnswer } from '$api'
import type { IconName } from '$lib/icons'
import type { Status } from '$lib/status'
import { m } from '$messages'

/** How a recipient is shown: `fail` will not arrive, `warn` cannot arrive yet, `pass` will. */
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
    case 'otherServer':
      return { status: 'warn', icon: 'server', words: m['mail.route.other_server']({ domain: route.domain }) }
    case 'theirDecision':
      return { status: 'unknown', icon: 'server', words: m['mail.route.their_decision']() }
    case 'invalid':
      return { status: 'fail', icon: 'fail', words: m['mail.route.invalid']({ address }) }
  }
}

/** Whether the server is known to refuse it. */
export function isHopeless({ route }: RouteAnswer): boolean {
  return route.kind !== 'mailbox' && route.kind !== 'theirDecision'
}
