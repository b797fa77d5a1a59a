import { m } from '$messages'

/** What a header field is for, in one sentence; only for those that tell something about the way of a message. */
export function headerMeaning(name: string): string | undefined {
  switch (name.toLowerCase()) {
    case 'return-path':
      return m['mail.header.return_path']()
    case 'delivered-to':
      return m['mail.header.delivered_to']()
    case 'received':
      return m['mail.header.received']()
    case 'message-id':
      return m['mail.header.message_id']()
    case 'in-reply-to':
      return m['mail.header.in_reply_to']()
    case 'references':
      return m['mail.header.references']()
    case 'date':
      return m['mail.header.date']()
    case 'from':
      return m['mail.header.from']()
    case 'sender':
      return m['mail.header.sender']()
    case 'reply-to':
      return m['mail.header.reply_to']()
    case 'to':
      return m['mail.header.to']()
    case 'bcc':
      return m['mail.header.bcc']()
    case 'mime-version':
      return m['mail.header.mime_version']()
    case 'content-type':
      return m['mail.header.content_type']()
    case 'content-transfer-encoding':
      return m['mail.header.content_transfer_encoding']()
    case 'dkim-signature':
      return m['mail.header.dkim_signature']()
    case 'received-spf':
      return m['mail.header.received_spf']()
    case 'authentication-results':
      return m['mail.header.authentication_results']()
    case 'arc-seal':
    case 'arc-message-signature':
    case 'arc-authentication-results':
      return m['mail.header.arc']()
    case 'list-unsubscribe':
      return m['mail.header.list_unsubscribe']()
    case 'list-id':
      return m['mail.header.list_id']()
    case 'auto-submitted':
      return m['mail.header.auto_submitted']()
    case 'user-agent':
    case 'x-mailer':
      return m['mail.header.user_agent']()
    default:
      return undefined
  }
}
