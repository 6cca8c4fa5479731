/* How the page is shown to this person: language, elder mode, contrast. Kept for those who sign in, and set back for the
   next resident at a kiosk. */

import { reactive, watchEffect } from 'vue'
import { i18n } from '../i18n'
import type { Language } from '../visit/catalogue'

interface Display {
  language: Language
  elder: boolean
  contrast: boolean
  /** Others see a line of chat while it is being written. */
  liveTyping: boolean
}

const KEY = 'rvw.display'

export const display = reactive<Display>({ language: 'zh', elder: false, contrast: false, liveTyping: true })

export function applyDisplay(): void {
  watchEffect(() => {
    const root = document.documentElement
    root.lang = display.language === 'zh' ? 'zh-CN' : 'en'
    root.toggleAttribute('data-elder', display.elder)
    root.toggleAttribute('data-contrast', display.contrast)
    i18n.global.locale.value = display.language
  })
}

/** Remember the choice on this machine. */
export function keepDisplay(): void {
  try {
    Object.assign(display, JSON.parse(localStorage.getItem(KEY) ?? '{}'))
  } catch {
    localStorage.removeItem(KEY)
  }
  watchEffect(() => localStorage.setItem(KEY, JSON.stringify(display)))
}

/** What every resident finds: elder mode on, Chinese, normal contrast. */
export function residentDefaults(): void {
  Object.assign(display, { language: 'zh', elder: true, contrast: false, liveTyping: true })
}
