/* What has the stage of a talk beside the faces: a screen, or a page that all look at. The latest wins. */

import { computed, type Ref, watch } from 'vue'
import type { PaperPage, Visit } from '../protocol/types'
import { usePeer } from '../visit/peer'
import type { Turn } from './looking'

export interface Shown {
  page: PaperPage
  picture: number
  turn: Turn
  name: string
}

/** What was shown at an earlier desk is over. */
export function useStage(visit: Ref<Visit | undefined>) {
  const { papers: kept } = usePeer()
  watch(
    () => visit.value?.id,
    (id) => id && void kept.open(id),
    { immediate: true },
  )
  const shown = computed<Shown | undefined>(() => {
    const now = visit.value
    const papers = now && kept.known.get(now.id)
    const { shown } = papers ?? {}
    // On hold nobody looks at anything together.
    if (now?.state !== 'live' || !shown || shown.at < (now.live_at ?? 0) || (now.share && now.share.since > shown.at))
      return undefined
    const page = papers?.pages.find((one) => one.id === shown.page)
    return page && { page, picture: shown.picture, turn: shown.turn, name: shown.name }
  })
  const share = computed(() => (shown.value ? undefined : (visit.value?.share ?? undefined)))
  return { shown, share, taken: computed(() => !!shown.value || !!share.value) }
}
