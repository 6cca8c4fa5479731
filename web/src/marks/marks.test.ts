import { expect, test } from 'vitest'
import type { Recorded, Sheet } from '../protocol/types'
import { type Point, pack, unpack } from './points'
import { evolve, FADE_S, toRedo, toUndo, visible } from './sheet'

/** What `rvw.domain.marks.pack` makes of the same points. */
const PACKED = 'oGoGg0Hg0H53G53G'
const POINTS: Point[] = [
  [100, 100],
  [4004, 4004],
  [4456, 4456],
]

test('points are packed as the server packs them', () => {
  expect(pack(POINTS)).toBe(PACKED)
  expect(unpack(PACKED)).toEqual(POINTS)
  expect(unpack(pack([[0, 10_000]]))).toEqual([[0, 10_000]])
})

function sheetOf(...events: [by: string, event: Recorded['event']][]): Sheet {
  const empty: Sheet = { visit: 'v1', version: 0, bytes: 0, marks: [], refs: [] }
  return events.reduce((sheet, [by, event], at) => {
    const version = at + 1
    return evolve(sheet, { stream: 'marks:v1', version, at: 1000 + version, by, ref: '', event })
  }, empty)
}

const drawn = (surface: string): Recorded['event'] => ({
  type: 'drawn',
  surface,
  tool: 'pen',
  colour: 'red',
  points: PACKED,
  words: '',
  name: '李示例',
})

test('undo and redo touch what is one’s own', () => {
  const both = sheetOf(['li', drawn('still:1')], ['chen', drawn('still:1')])
  expect(toUndo(visible(both, 'still:1', 0), 'chen')?.id).toBe(2)
  const undone = evolve(both, {
    stream: 'marks:v1',
    version: 3,
    at: 1003,
    by: 'chen',
    ref: '',
    event: { type: 'erased', mark: 2 },
  })
  expect(visible(undone, 'still:1', 0).map((mark) => mark.by)).toEqual(['li'])
  expect(toUndo(visible(undone, 'still:1', 0), 'chen')).toBeUndefined()
  expect(toRedo(undone, 'still:1', 'chen')?.id).toBe(2)
  expect(toRedo(undone, 'still:1', 'li')).toBeUndefined()
})

test('what was cleared does not come back, and a live picture forgets', () => {
  const cleared = sheetOf(['li', drawn('share:6')], ['li', { type: 'cleared', surface: 'share:6' }])
  expect(visible(cleared, 'share:6', 1001)).toEqual([])
  expect(toRedo(cleared, 'share:6', 'li')).toBeUndefined()
  const live = sheetOf(['li', drawn('share:6')], ['li', drawn('still:1')])
  expect(visible(live, 'share:6', 1001 + FADE_S - 1)).toHaveLength(1)
  expect(visible(live, 'share:6', 1001 + FADE_S + 1)).toHaveLength(0)
  expect(visible(live, 'still:1', 1001 + 10 * FADE_S)).toHaveLength(1)
})
