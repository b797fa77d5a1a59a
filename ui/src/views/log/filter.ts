import type { Level, LogFilter, LogLine } from '$api'

/** Lines of which part of the road a message takes. */
export type Group = 'all' | 'incoming' | 'delivery' | 'imap'

const servicesOf: Record<Group, string[]> = {
  all: [],
  incoming: ['smtpd', 'cleanup', 'qmgr'],
  delivery: ['virtual', 'qmgr'],
  imap: ['imap'],
}
export type LevelChoice = 'any' | 'warnings' | 'refusals'
const levelOf: Record<LevelChoice, Level | null> = { any: null, warnings: 'warning', refusals: 'refused' }

export interface Wish {
  group: Group
  level: LevelChoice
  text: string
  queueId: string | undefined
  session: number | undefined
}

export function toFilter({ group, level, text, queueId, session }: Wish): LogFilter {
  return {
    level: levelOf[level],
    services: servicesOf[group],
    text: text.trim() || null,
    queueId: queueId ?? null,
    session: session ?? null,
  }
}

const rank: Record<Level, number> = { info: 0, warning: 1, refused: 2, error: 3 }

/** As the engine decides for pages, so that lines that come by themselves are judged alike. */
export function matches(filter: LogFilter, line: LogLine): boolean {
  const { level, services, text, queueId, session } = filter
  return (
    (level === null || rank[line.level] >= rank[level]) &&
    (services.length === 0 || services.includes(line.service)) &&
    (queueId === null || line.queueId === queueId) &&
    (session === null || line.session === session) &&
    (text === null || line.text.toLowerCase().includes(text.toLowerCase()))
  )
}
