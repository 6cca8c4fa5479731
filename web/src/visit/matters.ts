/* The search of the matter screen: at once in what the page holds; when that is not all, the server's answer follows. */

import { computed, type Ref, ref, shallowRef, watch } from 'vue'
import type { CatalogueView, Matter } from '../protocol/types'
import { listedMatters, takes } from './catalogue'
import { MatterIndex } from './search'

/** So long nothing more has been typed before the server is asked. */
const PAUSE_MS = 150

export interface MatterSearch {
  all: readonly Matter[]
  typed: Ref<string>
  found: Readonly<Ref<readonly Matter[]>>
}

/** `ask` is the server's search. Without an answer, what the page found stays. */
export function useMatterSearch(catalogue: CatalogueView, ask: (typed: string) => Promise<Matter[]>): MatterSearch {
  const all = listedMatters(catalogue)
  const index = new MatterIndex(all)
  const typed = ref('')
  const answer = shallowRef<{ typed: string; matters: Matter[] }>()
  const found = computed(() =>
    answer.value && answer.value.typed === typed.value ? answer.value.matters : index.find(typed.value),
  )
  watch(typed, (now, _before, stop) => {
    if (!now.trim() || catalogue.listed <= catalogue.matters.length) return
    const timer = setTimeout(() => {
      ask(now).then(
        (matters) => {
          answer.value = {
            typed: now,
            matters: matters.filter((one) => catalogue.desks.some((desk) => takes(desk, one))),
          }
        },
        () => undefined,
      )
    }, PAUSE_MS)
    stop(() => clearTimeout(timer))
  })
  return { all, typed, found }
}
