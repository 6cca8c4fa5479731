import { expect, test } from 'vitest'
import type { Point, Report } from '../protocol/types'
import { linesOf, percent } from './course'

const at = (n: number): number => 1_795_334_400 + n * 300
const point = (n: number, waiting: number, prompt: number, late: number): Point => ({
  at: at(n),
  waiting,
  came: 0,
  prompt,
  late,
})

test('the line of answers counts three slots together, and has a gap where nobody could be judged', () => {
  const course = [point(0, 1, 0, 0), point(1, 2, 3, 1), point(2, 0, 0, 0), point(3, 4, 0, 1), point(4, 0, 0, 0)]
  const lines = linesOf({ course, until: at(4) + 60 } as Report)
  expect(lines.times).toEqual([at(1), at(2), at(3), at(4), at(4) + 60])
  expect(lines.waiting).toEqual([1, 2, 0, 4, 0])
  expect(lines.prompt).toEqual([null, 75, 75, 60, 0])
  expect(lines.from).toBe(at(4) + 60 - 3600)
})

test('an empty day has an hour of nothing', () => {
  expect(linesOf({ course: [] as Point[], until: at(0) } as Report)).toEqual({
    times: [],
    waiting: [],
    prompt: [],
    from: at(0) - 3600,
    to: at(0),
  })
})

test('a share of nothing is not zero', () => {
  expect([percent(null), percent(0), percent(0.916)]).toEqual(['–', '0%', '92%'])
})
