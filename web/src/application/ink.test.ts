import { expect, test } from 'vitest'
import { LEAST_TRAVEL, MAX_POINTS, type Strokes, thinned, travel } from './ink'

test('a long signature is thinned to what the server takes, and its ends stay', () => {
  const strokes: Strokes = [
    Array.from({ length: 5_000 }, (_, at) => [at * 2, 5_000 + Math.round(900 * Math.sin(at / 40))]),
  ]
  const kept = thinned(strokes)
  expect(kept[0]?.length).toBeLessThanOrEqual(MAX_POINTS)
  expect([kept[0]?.[0], kept[0]?.at(-1)]).toEqual([strokes[0]?.[0], strokes[0]?.at(-1)])
  expect(travel(kept)).toBeGreaterThan(LEAST_TRAVEL)
})

test('a short one is left as it is', () => {
  const strokes: Strokes = [
    [
      [0, 0],
      [10, 10],
    ],
  ]
  expect(thinned(strokes)).toBe(strokes)
  expect(travel(strokes)).toBe(20)
})
