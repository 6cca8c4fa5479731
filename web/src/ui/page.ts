/* Starts a page: styles, words, display, and the one component that is the page. */

import './tokens.css'
import './base.css'
import { type Component, createApp } from 'vue'
import { i18n } from '../i18n'
import { applyDisplay } from './display'

export function startPage(page: Component, kind: 'kiosk' | 'desk'): void {
  document.documentElement.dataset.page = kind
  applyDisplay()
  createApp(page).use(i18n).mount('#page')
}
