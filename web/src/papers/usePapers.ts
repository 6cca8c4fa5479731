/* One visit's papers on a page: what has come, the checklist of the matter's rule pack, and what may be done. */

import { computed, type Ref, watch } from 'vue'
import { useWords } from '../i18n'
import type { Material, Visit } from '../protocol/types'
import { useAsking } from '../visit/asking'
import { usePeer } from '../visit/peer'
import { useRules } from '../visit/rules'
import { checklist } from './checklist'

/** The names of materials, in the reader's language. */
export function useMaterials() {
  const { language } = useWords()
  const inWords = (zh: string, en: string): string => (language.value === 'en' ? en : zh)
  return {
    named: (one: Material): string => inWords(one.name, one.name_en),
    whenOf: (one: Material): string => inWords(one.when, one.when_en),
  }
}

export function usePapers(visit: Ref<Visit>) {
  const { papers: kept } = usePeer()
  const pack = useRules(() => visit.value.matter)
  const papers = computed(() => kept.known.get(visit.value.id))
  const items = computed(() => (pack.value && papers.value ? checklist(pack.value, papers.value) : []))

  watch(
    () => visit.value.id,
    (id) => void kept.open(id),
    { immediate: true },
  )

  return { papers, pack, items, ...useMaterials(), ...useAsking(() => visit.value.id) }
}
