/* What supervisors tell everybody for a while: kept current by the events, over by the server's clock. */

import { type ComputedRef, computed } from 'vue'
import type { Notice, Recorded } from '../protocol/types'
import { useServerTime } from './clock'
import { usePeer } from './peer'

export type Notices = Map<string, Notice>

const key = (authority: string, id: number): string => `${authority}/${id}`

/** Keep the notice for as long as it may be shown. */
export function keep(notices: Notices, notice: Notice): void {
  notices.set(key(notice.authority, notice.id), notice)
}

/** Carry out an event of an authority's notices. Taking it in twice changes nothing. */
export function fold(notices: Notices, authority: string, { event, version, at, by }: Recorded): void {
  if (event.type === 'announced') {
    const { type: _, ...said } = event
    keep(notices, { ...said, id: version, authority, at, by })
  } else if (event.type === 'withdrawn') notices.delete(key(authority, event.notice))
}

/** Those whose time is not over, the newest first. */
export function current(notices: Notices, now_s: number): Notice[] {
  return [...notices.values()].filter((one) => now_s < one.until).sort((a, b) => b.at - a.at)
}

/** The notices that are shown now. */
export function useNotices(): ComputedRef<Notice[]> {
  const { store } = usePeer()
  const now = useServerTime()
  return computed(() => current(store.notices, now.value))
}
