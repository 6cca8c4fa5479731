/* The words on the pages. `zh.ts` is the original; a key that `en.ts` does not have, or a key that is asked for and is not
   there, does not compile. Messages are compiled without eval, as the content security policy demands. */

import { computed } from 'vue'
import { createI18n, useI18n } from 'vue-i18n'
import type { Language } from '../visit/catalogue'
import { en } from './en'
import { type Texts, zh } from './zh'

export type { Texts } from './zh'

type Leaves<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaves<T[K]>}` }[keyof T & string]
export type TextKey = Leaves<Texts>

export const i18n = createI18n({ legacy: false, locale: 'zh', fallbackLocale: 'zh', messages: { zh, en } })

export function useWords() {
  const { t: translate, te, locale } = useI18n({ useScope: 'global' })
  const language = computed(() => locale.value as Language)
  const t = (key: TextKey, named: Record<string, string | number> = {}): string => translate(key, named)
  /** What an error means for the person, by its code. */
  const errorText = (code: string): string => (te(`errors.${code}`) ? translate(`errors.${code}`) : t('errors.unknown'))
  return { t, errorText, language }
}
