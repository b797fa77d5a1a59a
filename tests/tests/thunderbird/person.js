// What a person does in Thunderbird, and sees there. Each call of the test is written behind this.
const { MailServices } = ChromeUtils.importESModule('resource:///modules/MailServices.sys.mjs')
const account = MailServices.accounts.getAccount('account1')

/** Folders, list and message in the main window; null until they are drawn. */
function panes() {
  const main = Services.wm.getMostRecentWindow('mail:3pane')
  const inside = main?.document.getElementById('tabmail')?.currentTabInfo?.chromeBrowser?.contentWindow
  return inside?.location.href === 'about:3pane' && inside.document.readyState === 'complete' ? inside : null
}

const inbox = () => account.incomingServer.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox)

/** Trusts an authority for servers, as Settings > Certificates > Import does. The certificate is DER in base64. */
function trust(certificate) {
  const certificates = Cc['@mozilla.org/security/x509certdb;1'].getService(Ci.nsIX509CertDB)
  certificates.addCertFromBase64(certificate, 'C,,')
}

/** Has Thunderbird remember the password, so that it does not ask. */
async function remember(host, user, password) {
  for (const origin of [`imap://${host}`, `smtp://${host}`]) {
    const login = Cc['@mozilla.org/login-manager/loginInfo;1'].createInstance(Ci.nsILoginInfo)
    login.init(origin, null, origin, user, password, '', '')
    await Services.logins.addLoginAsync(login)
  }
}

/** Unfolds the account, for which Thunderbird asks the server for its folders. */
function connect() {
  account.incomingServer.performExpand(null)
}

/** Whether the inbox is shown, after a click on it. */
function openInbox() {
  if (!panes() || !inbox()) return false
  panes().displayFolder(inbox().URI)
  return true
}

const list = () => panes()?.gDBView
const subjects = () =>
  Array.from({ length: list()?.rowCount ?? 0 }, (_, row) => list().getMsgHdrAt(row).mime2DecodedSubject)

/** Clicks the message with this subject, if it is in the list. */
function select(subject) {
  const row = subjects().indexOf(subject)
  if (row >= 0) panes().threadTree.selectedIndex = row
  return row >= 0
}

/** The text of the message that is shown. */
function text() {
  const shown = panes().messageBrowser.contentWindow?.document.getElementById('messagepane')
  return shown?.contentDocument?.body?.textContent ?? ''
}

/** Opens the window to write in, as a mailto link does. */
function write(to, subject, body) {
  const fields = Cc['@mozilla.org/messengercompose/composefields;1'].createInstance(Ci.nsIMsgCompFields)
  Object.assign(fields, { to, subject, body })
  const params = Cc['@mozilla.org/messengercompose/composeparams;1'].createInstance(Ci.nsIMsgComposeParams)
  params.type = Ci.nsIMsgCompType.New
  params.format = Ci.nsIMsgCompFormat.PlainText
  params.identity = account.defaultIdentity
  params.composeFields = fields
  MailServices.compose.OpenComposeWindowWithParams(null, params)
}

const writing = () => Services.wm.getMostRecentWindow('msgcompose')

/** Clicks "Send", if that can be clicked. */
function send() {
  const button = writing()?.composeEditorReady ? writing().document.getElementById('button-send') : null
  if (!button || button.disabled) return false
  button.click()
  return true
}
