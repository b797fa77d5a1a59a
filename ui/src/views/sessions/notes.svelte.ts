/** Whether the explanations beside a transcript are shown. Kept for the next session that is opened, also tomorrow. */
const key = 'postigo.notes'

export function notesShown(): { shown: boolean } {
  let shown = $state(localStorage.getItem(key) !== 'off')
  return {
    get shown() {
      return shown
    },
    set shown(next) {
      shown = next
      localStorage.setItem(key, next ? 'on' : 'off')
    },
  }
}
