/* When each mark was to be seen: from its drawing until it was erased, cleared, or, on a live picture, faded. Those who took part
   have seen the same, by the same rules (`marks/sheet.ts`). Pure. */

import { evolve, FADE_S, isLive } from '../marks/sheet'
import type { Mark, Playback, Recorded, Sheet } from '../protocol/types'
import { SAME_S } from './moments'

export interface Appearance {
  mark: Mark
  /** Positions in the recording: seen from, and not any more from. */
  from: number
  until: number
}

export function appearancesOf({ events, since, visit }: Playback): Appearance[] {
  let sheet: Sheet = { visit, version: 0, bytes: 0, marks: [], refs: [] }
  const open = new Map<number, Appearance>()
  const made: Appearance[] = []
  for (const told of events) {
    if (told.stream !== `marks:${visit}`) continue
    sheet = evolve(sheet, { ...told, ref: '' } as Recorded)
    const position = told.at - since
    for (const mark of sheet.marks) {
      const shown = open.get(mark.id)
      if (mark.hidden && shown) {
        shown.until = Math.min(shown.until, position)
        open.delete(mark.id)
      } else if (!(mark.hidden || shown)) {
        const until = isLive(mark.surface) ? mark.at + FADE_S - since : Number.POSITIVE_INFINITY
        const appearance = { mark, from: position, until }
        open.set(mark.id, appearance)
        made.push(appearance)
      }
    }
  }
  return made.filter((one) => one.until > one.from)
}

/** The marks on a surface at a position; whoever jumps to the moment of one sees it. */
export function seen(appearances: readonly Appearance[], surface: string, position: number): Mark[] {
  return appearances
    .filter((one) => one.mark.surface === surface && one.from <= position + SAME_S && position < one.until)
    .map((one) => one.mark)
}
