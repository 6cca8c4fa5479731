/* Lines of chat in the reader's language, where somebody translates them. The words are somebody else's and are shown as such;
   nothing is asked while nobody translates, and a line that could not be had is asked for again when it is next looked at. */

import { reactive, ref } from 'vue'
import type { Translation, TranslatorTold } from '../protocol/types'
import type { Language } from './catalogue'
import { request } from './session'

/** The translator that is none: the phrases of the desks, in both languages. */
export const DEMO = 'demo: phrases'

type Ask = <T>(path: string) => Promise<T>

/** Which language a line is in, as the server tells it (`rvw/domain/translation.py`): undefined for numbers alone. */
export function tongueOf(text: string): Language | undefined {
  if (/\p{Unified_Ideograph}/u.test(text)) return 'zh'
  return /[a-z]/i.test(text) ? 'en' : undefined
}

export class Translations {
  /** Who translates; empty while nobody does. */
  readonly translator = ref('')
  private readonly known = reactive(new Map<string, string>())
  private readonly asked = new Set<string>()
  private begun = false

  constructor(private readonly ask: Ask) {}

  /** What the line is in that language; empty while that is not known, and where there is nothing to translate. */
  of(visit: string, line: number, text: string, language: Language): string {
    this.begin()
    const tongue = tongueOf(text)
    if (!this.translator.value || !tongue || tongue === language) return ''
    const key = `${visit}/${line}/${language}`
    const words = this.known.get(key)
    if (words === undefined && !this.asked.has(key)) void this.fetch(visit, line, language, key)
    return words ?? ''
  }

  private begin(): void {
    if (this.begun) return
    this.begun = true
    this.ask<TranslatorTold>('/api/translator').then(
      ({ name }) => {
        this.translator.value = name
      },
      () => {
        this.begun = false
      },
    )
  }

  private async fetch(visit: string, line: number, language: Language, key: string): Promise<void> {
    this.asked.add(key)
    try {
      const path = `/api/visits/${encodeURIComponent(visit)}/chat/${line}/${language}`
      this.known.set(key, (await this.ask<Translation>(path)).text)
    } catch {
      this.asked.delete(key)
    }
  }
}

export function openTranslations(token: string): Translations {
  return new Translations((path) => request(path, undefined, token))
}
