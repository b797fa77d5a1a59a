import type { Endpoint, ExternalAccount, Security } from '$api'
import { errorText } from '$lib/errors'
import { m } from '$messages'
import { toApiError, type ApiError } from '$platform'
import { looksLikeAddress } from './addresses'

export type FormField = 'displayName' | 'address' | 'user' | 'password' | 'imap' | 'submission'
type Faults = Partial<Record<FormField, string>>

const usualPort: Record<'imap' | 'submission', Record<Security, number>> = {
  imap: { tls: 993, starttls: 143, none: 143 },
  submission: { tls: 465, starttls: 587, none: 25 },
}

/** One of the two servers of an account. Its port follows the encryption until it is typed. */
export class EndpointForm {
  host = $state('')
  port = $state('')
  security = $state<Security>('tls')
  readonly #kind: 'imap' | 'submission'

  constructor(kind: 'imap' | 'submission') {
    this.#kind = kind
    this.port = String(usualPort[kind].tls)
  }
  secure(security: Security): void {
    if (this.port === String(usualPort[this.#kind][this.security])) this.port = String(usualPort[this.#kind][security])
    this.security = security
  }
  get fault(): string | undefined {
    if (this.host.trim() === '') return m['mail.account.host.missing']()
    const port = Number(this.port)
    return Number.isInteger(port) && port >= 1 && port <= 65535 ? undefined : m['mail.account.port.invalid']()
  }
  get endpoint(): Endpoint {
    return { host: this.host.trim(), port: Number(this.port), security: this.security }
  }
}

/** What the dialog asks for, and what is wrong with it. */
export class AccountForm {
  displayName = $state('')
  address = $state('')
  user = $state('')
  password = $state('')
  readonly imap = new EndpointForm('imap')
  readonly submission = new EndpointForm('submission')
  /** Faults are shown once the user asked to add the account. */
  tried = $state(false)
  /** What the server said, and at which field it belongs. */
  error = $state.raw<ApiError>()

  /** The names most providers use, where nothing was typed yet. */
  suggest(): void {
    const domain = this.address.trim().split('@')[1]
    if (!domain) return
    if (this.user === '') this.user = this.address.trim()
    if (this.imap.host === '') this.imap.host = `imap.${domain}`
    if (this.submission.host === '') this.submission.host = `smtp.${domain}`
  }

  readonly faults = $derived.by((): Faults => {
    const faults: Faults = {}
    if (!looksLikeAddress(this.address.trim())) faults.address = m['mail.account.address.invalid']()
    if (this.user.trim() === '') faults.user = m['mail.account.user.missing']()
    if (this.password === '') faults.password = m['mail.account.password.missing']()
    if (this.imap.fault) faults.imap = this.imap.fault
    if (this.submission.fault) faults.submission = this.submission.fault
    return faults
  })
  readonly complete = $derived(Object.keys(this.faults).length === 0)
  /** The field that the server's answer is about; none when it is about none. */
  readonly accused = $derived.by((): FormField | undefined => {
    const { code, params } = this.error ?? { code: undefined, params: {} as Record<string, string> }
    if (code === 'mail.login_refused') return 'password'
    if (code === 'mail.address_invalid' || code === 'account.exists') return 'address'
    if (code !== 'mail.unreachable' && code !== 'mail.not_trusted') return undefined
    const { submission } = this
    const isSubmission =
      params.host === submission.host.trim() && (params.port === undefined || params.port === submission.port)
    return isSubmission && (params.port !== undefined || params.host !== this.imap.host.trim()) ? 'submission' : 'imap'
  })

  /** What stands under a field. */
  fault(field: FormField): string | undefined {
    if (this.error && this.accused === field) return errorText(this.error)
    return this.tried ? this.faults[field] : undefined
  }
  refuse(thrown: unknown): void {
    this.error = toApiError(thrown)
  }

  get account(): ExternalAccount {
    return {
      address: this.address.trim(),
      displayName: this.displayName.trim(),
      user: this.user.trim(),
      password: this.password,
      imap: this.imap.endpoint,
      submission: this.submission.endpoint,
    }
  }
}
