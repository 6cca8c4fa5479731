/* Starts a page: styles, words, display, and the one component that is the page. */

import './tokens.css'
import './base.css'
import { type Component, createApp, watchEffect } from 'vue'
import { i18n } from '../i18n'
import { applyDisplay } from './display'

type Title =
  | 'start.kiosk'
  | 'officer.title'
  | 'hall.title'
  | 'operations.title'
  | 'join.title'
  | 'summary.title'
  | 'start.title'
  | 'application.signTitle'
  | 'handIn.sendTitle'
  | 'record.title'
  | 'records.title'

export function startPage(page: Component, kind: 'kiosk' | 'desk', title: Title): void {
  document.documentElement.dataset.page = kind
  applyDisplay()
  watchEffect(() => {
    document.title = `${i18n.global.t(title)} · ${i18n.global.t('product')}`
  })
  createApp(page).use(i18n).mount('#page')
}
