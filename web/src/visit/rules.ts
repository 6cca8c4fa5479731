/* The rule pack of a visit's matter. */

import { type Ref, ref, watch } from 'vue'
import type { RulePack } from '../protocol/types'
import { fetchMatter } from './session'

/** Nothing until it has been read, or if there is no such matter any more. */
export function useRules(matter: () => string): Ref<RulePack | undefined> {
  const pack = ref<RulePack>()
  watch(
    matter,
    async (wanted) => {
      const found = await fetchMatter(wanted).catch(() => undefined)
      if (matter() === wanted) pack.value = found?.rules
    },
    { immediate: true },
  )
  return pack
}
