// What does not fit on the page: regions wider than their place, and controls that lie on each other. What is cut off on
// purpose (by an ellipsis, by the edge of a list that scrolls) does not count.
// Answers a list of sentences; an empty one is good.
const title = (element) =>
  `<${element.localName} class="${element.className}"> «${(element.ariaLabel ?? element.innerText ?? '').trim().slice(0, 40)}»`

/** The part of it that can be seen. */
function seen(element) {
  let { left, top, right, bottom } = element.getBoundingClientRect()
  for (let around = element.parentElement; around; around = around.parentElement) {
    if (getComputedStyle(around).overflow === 'visible') continue
    const edge = around.getBoundingClientRect()
    left = Math.max(left, edge.left)
    top = Math.max(top, edge.top)
    right = Math.min(right, edge.right)
    bottom = Math.min(bottom, edge.bottom)
  }
  return { left, top, right, bottom }
}
const overlaps = (a, b) =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2
const inside = (a, b) =>
  a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1

const said = []
const regions = [document.documentElement, ...document.querySelectorAll('main, dialog[open], .page-body, .settings > *')]
for (const region of regions)
  if (region.scrollWidth > region.clientWidth) said.push(`${title(region)} is ${region.scrollWidth - region.clientWidth} px too wide`)

const layer = document.querySelector('dialog[open]') ?? document
const controls = [...layer.querySelectorAll('a[href], button, input, select, textarea')]
  .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .map((element) => ({ element, place: seen(element) }))
  .filter(({ place }) => place.right - place.left > 4 && place.bottom - place.top > 4)
for (const [at, one] of controls.entries())
  for (const other of controls.slice(at + 1))
    if (
      overlaps(one.place, other.place) &&
      !inside(one.place, other.place) &&
      !inside(other.place, one.place) &&
      !one.element.contains(other.element) &&
      getComputedStyle(one.element.offsetParent ?? document.body).position !== 'sticky'
    )
      said.push(`${title(one.element)} and ${title(other.element)} lie on each other`)
return said
