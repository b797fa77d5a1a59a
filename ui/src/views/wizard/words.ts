import { m } from '$messages'
import type { OutwardState } from './outward.svelte'
import type { SetupDraft, Step } from './setup.svelte'

/** What stands above each screen, and beside its buttons. */
export interface ScreenWords {
  title: string
  lead: string
  hint?: string
}

/** A screen after everything is written. */
export type After = 'test' | 'outward' | 'records'
export type TestState = 'testing' | 'arrived' | 'failed'

/** The steps beside the screens. The last one before anything is written holds the test, too. */
export function stepNames(draft: SetupDraft, after: readonly After[]): string[] {
  const names: Record<Step | After, string> = {
    language: m['wizard.step.language'](),
    purpose: m['wizard.step.purpose'](),
    role: m['wizard.step.role'](),
    domain: m['wizard.step.domain'](),
    flow: m['wizard.step.flow'](),
    people: m['wizard.step.people'](),
    ports: draft.mode === 'lab' ? m['wizard.step.ports']() : m['wizard.step.ports.only'](),
    plan: m['wizard.step.plan'](),
    test: '',
    outward: m['wizard.step.outward'](),
    records: m['wizard.step.records'](),
  }
  return [...draft.steps, ...after.filter((one) => one !== 'test')].map((one) => names[one])
}

export function screenWords(screen: Step | After, draft: SetupDraft, test: TestState = 'testing'): ScreenWords {
  switch (screen) {
    case 'language':
      return { title: m['wizard.language.title'](), lead: m['wizard.language.lead']() }
    case 'purpose':
      return { title: m['wizard.purpose.title'](), lead: m['wizard.purpose.lead'](), hint: m['wizard.purpose.hint']() }
    case 'role':
      return { title: m['wizard.role.title'](), lead: m['wizard.role.lead']() }
    case 'domain':
      return { title: m['wizard.domain.title'](), lead: m['wizard.domain.lead']() }
    case 'flow':
      return flowWords(draft)
    case 'people':
      return peopleWords(draft)
    case 'ports':
      return portWords(draft)
    case 'plan':
      return {
        title: m['wizard.plan.title'](),
        lead: draft.again ? m['wizard.plan.lead.again']() : m['wizard.plan.lead'](),
        hint: m['wizard.plan.hint'](),
      }
    case 'test':
      return testWords(draft, test)
    case 'outward':
      return { title: m['wizard.outward.title'](), lead: outwardLead(draft) }
    case 'records':
      return draft.mode === 'internet'
        ? { title: m['wizard.records.title'](), lead: m['wizard.records.lead']({ domain: draft.domain.trim() }) }
        : { title: m['wizard.records.title.inner'](), lead: m['wizard.records.lead.inner']() }
  }
}

/** The title after a message was sent outward says what became of it. */
export function outwardTitle(state: OutwardState): string | undefined {
  if (state === 'sent') return m['wizard.outward.title.sent']()
  if (state === 'deferred') return m['wizard.outward.title.deferred']()
  return state === 'failed' ? m['wizard.outward.title.failed']() : undefined
}

function outwardLead({ mode, flow }: SetupDraft): string {
  const host = flow.wayOut(mode)
  if (host) return m['wizard.outward.lead.relay']({ host })
  return mode === 'classroom' && flow.role === 'edge'
    ? m['wizard.outward.lead.edge']()
    : m['wizard.outward.lead.direct']()
}

function flowWords({ mode, flow }: SetupDraft): ScreenWords {
  if (mode === 'internet') return { title: m['wizard.flow.title.internet'](), lead: m['wizard.flow.lead.internet']() }
  if (flow.role === 'edge') return { title: m['wizard.flow.title.edge'](), lead: m['wizard.flow.lead.edge']() }
  if (flow.role === 'inner') return { title: m['wizard.flow.title.inner'](), lead: m['wizard.flow.lead.inner']() }
  return { title: m['wizard.flow.title.client'](), lead: m['wizard.flow.lead.client']() }
}

function peopleWords(draft: SetupDraft): ScreenWords {
  const title = m['wizard.people.title']()
  if (draft.newcomers.length === 0) return { title, lead: m['wizard.people.again.lead']() }
  return { title, lead: m['wizard.people.lead'](), hint: m['wizard.people.hint']() }
}

function portWords({ ports }: SetupDraft): ScreenWords {
  const allStandard = ports.data?.every(({ port, standardPort }) => port === standardPort)
  const lead = allStandard ? m['wizard.ports.lead.standard']() : m['wizard.ports.lead']()
  return { title: m['wizard.ports.title'](), lead }
}

function testWords({ pair }: SetupDraft, test: TestState): ScreenWords {
  const names = { from: pair[0].name, to: pair[1].name }
  const hint = m['wizard.test.hint']()
  if (test === 'arrived') {
    return { title: m['wizard.test.title.arrived'](), lead: m['wizard.test.lead.arrived'](names), hint }
  }
  if (test === 'failed') return { title: m['wizard.test.title.failed'](), lead: m['wizard.test.lead.failed']() }
  return { title: m['wizard.test.title'](), lead: m['wizard.test.lead'](names), hint }
}
