/* The marks of a visit after one more event: the same fold as `rvw/domain/marks.py`. Pure. */

import type { Mark, Recorded, Sheet } from '../protocol/types'

/** What marks of a live picture are seen for: what is below them moves on. They stay in the record. */
export const FADE_S = 120

export function evolve(sheet: Sheet, recorded: Recorded): Sheet {
  const { event, version } = recorded
  switch (event.type) {
    case 'drawn': {
      const { type: _, ...drawn } = event
      const mark: Mark = { ...drawn, id: version, at: recorded.at, by: recorded.by, hidden: 0, cleared: false }
      return { ...sheet, version, marks: [...sheet.marks, mark] }
    }
    case 'erased':
      return changed(sheet, version, (mark) => mark.id === event.mark, { hidden: version })
    case 'redrawn':
      return changed(sheet, version, (mark) => mark.id === event.mark, { hidden: 0 })
    case 'cleared': {
      const marks = sheet.marks.map((mark) =>
        mark.surface === event.surface ? { ...mark, hidden: mark.hidden || version, cleared: true } : mark,
      )
      return { ...sheet, version, marks }
    }
    default:
      throw new Error(`a sheet cannot have ${event.type}`)
  }
}

/** Whether what is below the marks moves on. */
export function isLive(surface: string): boolean {
  return surface.startsWith('share:') || surface.startsWith('camera:')
}

function changed(sheet: Sheet, version: number, which: (mark: Mark) => boolean, change: Partial<Mark>): Sheet {
  return { ...sheet, version, marks: sheet.marks.map((mark) => (which(mark) ? { ...mark, ...change } : mark)) }
}

/** What is to be seen on a surface. A live picture forgets; a still and a page do not. */
export function visible(sheet: Sheet | undefined, surface: string, now: number): Mark[] {
  const live = isLive(surface)
  return (sheet?.marks ?? []).filter(
    (mark) => mark.surface === surface && !mark.hidden && (!live || mark.at + FADE_S > now),
  )
}

/** The mark that undo hides: the newest of one's own that is seen. */
export function toUndo(marks: readonly Mark[], actor: string): Mark | undefined {
  return marks.findLast((mark) => mark.by === actor)
}

/** The mark that redo shows again: the one hidden last, unless something has been drawn since. */
export function toRedo(sheet: Sheet | undefined, surface: string, actor: string): Mark | undefined {
  const own = (sheet?.marks ?? []).filter((mark) => mark.surface === surface && mark.by === actor && !mark.cleared)
  const newest = own.at(-1)?.id ?? 0
  const hidden = own.filter((mark) => mark.hidden > newest)
  return hidden.sort((a, b) => a.hidden - b.hidden).at(-1)
}
