import type { IconName } from '$lib/icons'
import { m } from '$messages'
import { isLoopback } from '$app/server'
import type { SetupDraft } from './setup.svelte'

/** A place that mail passes. */
export interface Stop {
  key: string
  icon: IconName
  /** What it is. */
  title: string
  /** Its name, as a machine has it. */
  name?: string
  /** This server. */
  here?: boolean
}
/** A way of mail, from stop to stop. */
export interface Way {
  key: 'in' | 'out'
  label: string
  stops: readonly Stop[]
}

/** How mail comes and goes with what is typed, for the drawing. */
export function waysOf(draft: SetupDraft): Way[] {
  const { mode, flow } = draft
  const here: Stop = { key: 'here', icon: 'door', title: m['wizard.way.here'](), name: draft.host.trim(), here: true }
  const people: Stop = { key: 'people', icon: 'users', title: m['wizard.way.people']() }
  const boxes: Stop = { key: 'boxes', icon: 'mailbox', title: m['wizard.way.boxes'](), name: `@${draft.domain.trim()}` }
  const internet: Stop = { key: 'internet', icon: 'globe', title: m['wizard.way.internet']() }
  const relay = relayStop(draft)
  const coming: Stop[] =
    mode === 'internet'
      ? [internet, here, boxes]
      : flow.role === 'client'
        ? [nearStop(draft), here, boxes]
        : flow.role === 'inner'
          ? [internet, relay ?? edgeStop(), here, boxes]
          : [internet, here, ...innerStops(draft)]
  const senders = mode === 'classroom' && flow.role === 'edge' ? innerStops(draft) : [people]
  const going: Stop[] = [...senders, here, ...(relay ? [relay, internet] : [mxStop()])]
  return [
    { key: 'out', label: m['wizard.way.out'](), stops: going },
    { key: 'in', label: m['wizard.way.in'](), stops: coming },
  ]
}

function relayStop({ mode, flow }: SetupDraft): Stop | undefined {
  if (flow.mayBeDirect(mode) && flow.direct) return undefined
  const title = flow.role === 'inner' && mode === 'classroom' ? m['wizard.way.edge']() : m['wizard.way.relay']()
  return { key: 'relay', icon: 'server', title, name: flow.wayOut(mode) || 'relayhost' }
}
const edgeStop = (): Stop => ({ key: 'edge', icon: 'server', title: m['wizard.way.edge']() })
const mxStop = (): Stop => ({ key: 'mx', icon: 'globe', title: m['wizard.way.mx'](), name: 'MX' })
function nearStop({ listen }: SetupDraft): Stop {
  return isLoopback(listen)
    ? { key: 'near', icon: 'laptop', title: m['wizard.way.computer'](), name: listen }
    : {
        key: 'near',
        icon: 'school',
        title: m['wizard.way.classroom'](),
        name: listen === '0.0.0.0' ? undefined : listen,
      }
}
/** The servers behind an edge: the one, or how many. */
function innerStops({ flow }: SetupDraft): Stop[] {
  const [first, ...others] = flow.domains
  const name = !first ? 'relay_domains' : others.length > 0 ? `${first.domain} +${others.length}` : first.domain
  return [{ key: 'inner', icon: 'server', title: m['wizard.way.inner'](), name }]
}
