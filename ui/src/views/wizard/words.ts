import { m } from '$messages'
import type { SetupDraft } from './setup.svelte'

/** What stands above each screen, and beside its buttons. */
export interface ScreenWords {
  title: string
  lead: string
  hint?: string
}

export function stepNames(): string[] {
  return [
    m['wizard.step.language'](),
    m['wizard.step.purpose'](),
    m['wizard.step.domain'](),
    m['wizard.step.people'](),
    m['wizard.step.ports'](),
  ]
}

export function screenWords(step: number, draft: SetupDraft, test?: 'testing' | 'arrived' | 'failed'): ScreenWords {
  switch (step) {
    case 1:
      return { title: m['wizard.language.title'](), lead: m['wizard.language.lead']() }
    case 2:
      return { title: m['wizard.purpose.title'](), lead: m['wizard.purpose.lead'](), hint: m['wizard.purpose.hint']() }
    case 3:
      return { title: m['wizard.domain.title'](), lead: m['wizard.domain.lead']() }
    case 4:
      return peopleWords(draft)
    default:
      return test ? testWords(draft, test) : portWords(draft)
  }
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

function testWords({ pair }: SetupDraft, test: 'testing' | 'arrived' | 'failed'): ScreenWords {
  const names = { from: pair[0].name, to: pair[1].name }
  const hint = m['wizard.test.hint']()
  if (test === 'arrived') {
    return { title: m['wizard.test.title.arrived'](), lead: m['wizard.test.lead.arrived'](names), hint }
  }
  if (test === 'failed') return { title: m['wizard.test.title.failed'](), lead: m['wizard.test.lead.failed']() }
  return { title: m['wizard.test.title'](), lead: m['wizard.test.lead'](names), hint }
}
