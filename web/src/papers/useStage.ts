/* What has the stage of a talk beside the faces: a screen, or a page that all look at. The latest wins. */

import { computed, type Ref, watch } from 'vue'
import type { Visit } from '../protocol/types'
import { usePeer } from '../visit/peer'
import { staged } from './staged'

export type { Shown } from './staged'

export function useStage(visit: Ref<Visit | undefined>) {
  const { papers: kept } = usePeer()
  watch(
    () => visit.value?.id,
    (id) => id && void kept.open(id),
    { immediate: true },
  )
  const shown = computed(() => staged(visit.value, visit.value && kept.known.get(visit.value.id)))
  const share = computed(() => (shown.value ? undefined : (visit.value?.share ?? undefined)))
  return { shown, share, taken: computed(() => !!shown.value || !!share.value) }
}
