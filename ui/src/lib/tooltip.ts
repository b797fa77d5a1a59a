import type { Attachment } from 'svelte/attachments'
import { keyCaps } from './keyNames'

const delayMs = 450

/** A tip for a control whose name is not visible. It repeats the accessible name, so it is hidden from readers. */
export function tooltip(text: () => string, keys?: () => string | undefined): Attachment<HTMLElement> {
  return (anchor) => {
    let tip: HTMLElement | undefined
    let timer: ReturnType<typeof setTimeout> | undefined

    const show = () => {
      hide()
      tip = document.createElement('div')
      tip.className = 'tooltip'
      tip.popover = 'manual'
      tip.setAttribute('aria-hidden', 'true')
      tip.textContent = text()
      for (const cap of keyCaps(keys?.() ?? '').filter(Boolean)) {
        const kbd = Object.assign(document.createElement('kbd'), { className: 'kbd', textContent: cap })
        tip.append(' ', kbd)
      }
      // Inside an open dialog the tip must be its child, or the dialog's top layer would cover it.
      ;(anchor.closest('dialog') ?? document.body).append(tip)
      tip.showPopover?.()
      place(tip, anchor.getBoundingClientRect())
    }
    const hide = () => {
      clearTimeout(timer)
      tip?.remove()
      tip = undefined
    }
    const later = () => {
      clearTimeout(timer)
      timer = setTimeout(show, delayMs)
    }
    const onFocus = () => anchor.matches(':focus-visible') && show()
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && hide()

    anchor.addEventListener('pointerenter', later)
    anchor.addEventListener('pointerleave', hide)
    anchor.addEventListener('pointerdown', hide)
    anchor.addEventListener('focus', onFocus)
    anchor.addEventListener('blur', hide)
    anchor.addEventListener('keydown', onKey)
    return () => {
      hide()
      anchor.removeEventListener('pointerenter', later)
      anchor.removeEventListener('pointerleave', hide)
      anchor.removeEventListener('pointerdown', hide)
      anchor.removeEventListener('focus', onFocus)
      anchor.removeEventListener('blur', hide)
      anchor.removeEventListener('keydown', onKey)
    }
  }
}

function place(tip: HTMLElement, near: DOMRect): void {
  const { width, height } = tip.getBoundingClientRect()
  const gap = 6
  const below = near.bottom + gap + height <= innerHeight
  tip.style.top = `${below ? near.bottom + gap : near.top - gap - height}px`
  tip.style.left = `${Math.max(gap, Math.min(near.left + (near.width - width) / 2, innerWidth - width - gap))}px`
}
