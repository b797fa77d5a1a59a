import type { Status } from '$lib/status'
import { m } from '$messages'
import { isEverybody, isEveryDomain, isOpenRelay, type FlowValues } from './fields'
import { durationText } from './duration'
import type { PieceId } from './pieces'
import { lists, listsAreOpen, namesIn } from './restrictions'

/** What the map says that is no setting. */
export interface Counts {
  people: number
  aliases: number
  forwards: number
  domains: readonly string[]
}
interface Face {
  value: string
  closed?: boolean
  mark?: { status: Status; label: string }
}

/** What stands on each piece. */
export function nodeFaces(values: FlowValues, counts: Counts): Record<PieceId, Face> {
  const open = isOpenRelay(values)
  const danger = { status: 'fail', label: m['flow.dangerous']() } as const
  const yes = { status: 'pass', label: m['flow.open']() } as const
  return {
    networks: {
      value: values.myNetworks.join(', ') || m['flow.networks.none'](),
      closed: values.myNetworks.length === 0,
      mark: values.myNetworks.some(isEverybody) ? danger : undefined,
    },
    password: { value: m['flow.password.value']({ count: counts.people }) },
    anybody: { value: m['flow.anybody.value']() },
    local: { value: m['flow.local.value']({ domains: counts.domains.join(', ') }), mark: yes },
    relay:
      values.relayDomains.length === 0
        ? { value: m['flow.none'](), closed: true }
        : { value: values.relayDomains.join(', '), mark: values.relayDomains.some(isEveryDomain) ? danger : yes },
    outside: open
      ? { value: m['flow.outside.value.open'](), mark: danger }
      : { value: m['flow.outside.value'](), mark: { status: 'blocked', label: m['flow.known_only']() } },
    mailboxes: { value: m['flow.mailboxes.value']({ count: counts.people }) },
    aliases: {
      value: m['flow.aliases.value']({ aliases: counts.aliases, forwards: counts.forwards }),
      closed: counts.aliases + counts.forwards === 0,
    },
    inner: inner(values),
    internet: {
      value: values.relayhost ? m['flow.internet.via']({ host: values.relayhost }) : m['flow.internet.direct'](),
    },
    retries: {
      value: m['flow.retries.value']({
        min: durationText(values.minimalBackoffSeconds),
        max: durationText(values.maximalBackoffSeconds),
        life: durationText(values.lifetimeSeconds),
      }),
    },
    checks: checks(values, danger),
    limits: {
      value: m['flow.limits.value']({
        timeout: durationText(values.commandSeconds),
        errors: values.hardErrors,
      }),
    },
    resolver: {
      value:
        values.resolver.length === 0
          ? m['flow.resolver.system']()
          : m['flow.resolver.value']({ servers: values.resolver.join(', ') }),
    },
  }
}

/** What is judged besides the right to relay. */
function checks(values: FlowValues, danger: Face['mark']): Face {
  const others = lists.filter(({ field }) => field !== 'relayRestrictions')
  const count = others.reduce((sum, { field }) => sum + namesIn(values[field]).length, 0)
  const value = count === 0 ? m['flow.checks.none']() : m['flow.checks.value']({ count })
  return { value, closed: count === 0, mark: listsAreOpen(values) ? danger : undefined }
}
function inner({ transports, relayDomains }: FlowValues): Face {
  const [first, ...others] = transports
  if (!first) return { value: m['flow.none'](), closed: relayDomains.length === 0 }
  const value = m['flow.inner.value']({ key: first.key, value: first.value })
  return { value: others.length === 0 ? value : `${value}, ${m['flow.inner.more']({ count: others.length })}` }
}
