// Finds what a person would look for: the element with this role and name that can be seen. An exact name wins over one that
// only begins like it (a button may go on with the cap of its key), and that over one that contains it (a row of a list).
// Arguments: role, name. Answers an element or null.
const [role, wanted] = arguments
const selectors = {
  button: 'button:not([role]), [role=button]',
  link: 'a[href]',
  tab: '[role=tab]',
  radio: 'input[type=radio], [role=radio]',
  option: '[role=option]',
  heading: 'h1, h2, h3',
  textbox: 'input:not([type]), input[type=text], input[type=search], input[type=password], textarea',
  combobox: 'select, [role=combobox]',
  dialog: 'dialog[open]',
  list: 'ul, ol, [role=listbox], [role=list]',
  group: '[role=group]',
  navigation: 'nav',
}
const clean = (text) => (text ?? '').replace(/\s+/g, ' ').trim()
const byId = (ids) => ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent).join(' ')

function name(element) {
  if (element.ariaLabel) return clean(element.ariaLabel)
  const labelledBy = element.getAttribute('aria-labelledby')
  if (labelledBy) return clean(byId(labelledBy))
  if (element.labels?.length > 0) return clean([...element.labels].map((label) => label.innerText).join(' '))
  return clean(element.innerText)
}
function isSeen(element) {
  const shape = element.labels?.[0] ?? element
  return shape.getClientRects().length > 0 && getComputedStyle(shape).visibility !== 'hidden'
}

const open = document.querySelector('dialog[open]')
const candidates = [...(open ?? document).querySelectorAll(selectors[role])].filter(isSeen)
if (open && role === 'dialog') candidates.push(open)
const sought = clean(wanted)
const found =
  candidates.find((element) => name(element) === sought) ??
  candidates.find((element) => name(element).startsWith(sought)) ??
  candidates.find((element) => name(element).includes(sought))
// The mark of a choice may be drawn by its label; that is what one clicks.
return (found?.type === 'radio' && found.labels[0]) || found || null
