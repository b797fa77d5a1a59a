/** Addresses of the app's pages, in the part of the URL after `#`. Everything a page shows when it is opened again is in its route. */
export type Route =
  | { view: 'overview' }
  | { view: 'mail'; account?: string; folder?: string; uid?: number; write?: string }
  | { view: 'mailboxes'; address?: string; add?: string }
  | { view: 'queue'; queueId?: string; suppressed?: boolean }
  | { view: 'log'; queueId?: string; session?: number }
  | { view: 'sessions'; refused?: boolean; id?: number }
  | { view: 'journey'; queueId?: string }
  | { view: 'flow'; piece?: string }
  | { view: 'names'; origin?: string }
  | { view: 'tls' }
  | { view: 'settings'; section?: string }
  | { view: 'wizard' }

export type View = Route['view']

export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [view, ...rest] = path.split('/').map(decode)
  const query = new URLSearchParams(search)
  switch (view) {
    case 'mail':
      return {
        view,
        account: rest[0] || undefined,
        folder: rest[1] || undefined,
        uid: whole(rest[2]),
        write: query.get('write') ?? undefined,
      }
    case 'mailboxes':
      return { view, address: rest[0] || undefined, add: query.get('add') ?? undefined }
    case 'log':
      return { view, queueId: query.get('queue') || undefined, session: whole(query.get('session')) }
    case 'sessions':
      return { view, refused: query.has('refused') || undefined, id: whole(rest[0]) }
    case 'queue':
      return { view, queueId: rest[0] || undefined, suppressed: query.has('suppressed') || undefined }
    case 'journey':
      return { view, queueId: rest[0] || undefined }
    case 'flow':
      return { view, piece: rest[0] || undefined }
    case 'names':
      return { view, origin: rest[0] || undefined }
    case 'settings':
      return { view, section: rest[0] || undefined }
    case 'tls':
    case 'wizard':
      return { view }
    default:
      return { view: 'overview' }
  }
}

export function formatRoute(route: Route): string {
  switch (route.view) {
    case 'mail':
      return path(route.view, route.account, route.folder, route.uid) + query({ write: route.write })
    case 'mailboxes':
      return path(route.view, route.address) + query({ add: route.add })
    case 'log':
      return path(route.view) + query({ queue: route.queueId, session: route.session })
    case 'sessions':
      return path(route.view, route.id) + (route.refused ? '?refused' : '')
    case 'queue':
      return path(route.view, route.queueId) + (route.suppressed ? '?suppressed' : '')
    case 'journey':
      return path(route.view, route.queueId)
    case 'flow':
      return path(route.view, route.piece)
    case 'names':
      return path(route.view, route.origin)
    case 'settings':
      return path(route.view, route.section)
    default:
      return path(route.view)
  }
}

/** Trailing parts that are missing are left out; a missing one never stands before one that is there. */
function path(...parts: (string | number | undefined)[]): string {
  const end = parts.indexOf(undefined)
  return `#/${(end < 0 ? parts : parts.slice(0, end)).map((part) => encodeURIComponent(String(part))).join('/')}`
}
function query(values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`
}
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
function whole(text: string | null | undefined): number | undefined {
  return text && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

export class Router {
  route = $state.raw<Route>(parseRoute(location.hash))
  readonly #onHash = () => (this.route = parseRoute(location.hash))

  /** Follows the address bar until the answer is called. */
  start(): () => void {
    window.addEventListener('hashchange', this.#onHash)
    return () => window.removeEventListener('hashchange', this.#onHash)
  }
  go(route: Route): void {
    location.hash = formatRoute(route)
  }
  /** As `go`, but "back" will not return here: for moving inside a page, as from one selected row to the next. */
  replace(route: Route): void {
    history.replaceState(null, '', formatRoute(route))
    this.route = route
  }
}
