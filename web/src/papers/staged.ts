/* Which page has the stage of a talk, if one has: in the talk, and when it is watched afterwards. Pure. */

import type { PaperPage, Papers, Visit } from '../protocol/types'
import type { Turn } from './looking'

export interface Shown {
  page: PaperPage
  picture: number
  turn: Turn
  name: string
}

/** The page that all look at, if one has the stage. On hold nobody looks at anything together; what was shown at an earlier desk
 * is over. */
export function staged(visit: Visit | undefined, papers: Papers | undefined): Shown | undefined {
  const { shown } = papers ?? {}
  if (visit?.state !== 'live' || !shown || shown.at < (visit.live_at ?? 0)) return undefined
  if (visit.share && visit.share.since > shown.at) return undefined
  const page = papers?.pages.find((one) => one.id === shown.page)
  return page && { page, picture: shown.picture, turn: shown.turn, name: shown.name }
}
