/* Which page all were looking at, at a moment of the recording: the fold of papers that the pages of the talk have made, too. Pure. */

import { evolve } from '../papers/fold'
import { type Shown, staged } from '../papers/staged'
import type { Papers, Playback, Recorded, Visit } from '../protocol/types'
import { SAME_S } from './moments'

/** The papers as they were from a position on. */
export interface Stand {
  position: number
  papers: Papers
}

export function standsOf({ events, since, visit }: Playback): Stand[] {
  let papers: Papers = empty(visit)
  return events
    .filter((told) => told.stream === `papers:${visit}`)
    .map((told) => {
      papers = evolve(papers, { ...told, ref: '' } as Recorded)
      return { position: told.at - since, papers }
    })
}

/** The page that had the stage, while the visit was so. */
export function shownAt(stands: readonly Stand[], position: number, visit: Visit | undefined): Shown | undefined {
  return staged(visit, stands.findLast((one) => one.position <= position + SAME_S)?.papers)
}

function empty(visit: string): Papers {
  const none = { pages: [], verdicts: [], extras: [], referred: [], phones: [], notices: [], refs: [] }
  return { visit, version: 0, bytes: 0, wanted: null, shown: null, ...none }
}
