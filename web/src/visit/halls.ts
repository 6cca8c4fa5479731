/* What halls are called, for those who work in several: read once, when somebody asks. */

import { ref } from 'vue'
import { useWords } from '../i18n'
import type { Actor, HallName } from '../protocol/types'
import { named } from './catalogue'
import { fetchHalls } from './session'

const halls = ref<HallName[]>([])
let asked = false

/** Every hall somebody works in, the usual one first. */
export function hallsOf({ hall, halls: others }: Actor): string[] {
  return [...new Set([hall, ...others])].filter(Boolean)
}

/** Gives a hall's name in the reader's language; its id until it is known. */
export function useHalls(): (id: string) => string {
  const { language } = useWords()
  if (!asked) {
    asked = true
    fetchHalls().then(
      (found) => {
        halls.value = found
      },
      () => {
        asked = false
      },
    )
  }
  return (id) =>
    named(
      halls.value.find((one) => one.id === id),
      language.value,
    ) || id
}
