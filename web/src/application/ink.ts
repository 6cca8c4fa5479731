/* Strokes of a signature: points from 0 to 10,000 each way of the field, thinned to what the server takes. */

import type { InkGiven } from '../protocol/types'

export type Point = [number, number]
export type Strokes = Point[][]
/** As the server's type says it: at least one stroke, with at least one point. */
export type Written = InkGiven['strokes']

export const FULL = 10_000
/** As `rvw/domain/ink.py`. */
export const MAX_POINTS = 1_200
export const LEAST_TRAVEL = 2_500

export function travel(strokes: Strokes): number {
  let far = 0
  for (const stroke of strokes) {
    for (const [at, [x, y]] of stroke.entries()) {
      const [fromX, fromY] = stroke[at - 1] ?? [x, y]
      far += Math.abs(x - fromX) + Math.abs(y - fromY)
    }
  }
  return far
}

/** What is sent of strokes: thinned to what the server takes. */
export function written(strokes: Strokes): Written {
  return thinned(strokes) as Written
}

/** Leave out points that are near the one before, more and more, until it is few enough. Ends of strokes stay. */
export function thinned(strokes: Strokes, most = MAX_POINTS): Strokes {
  let kept = strokes
  for (let near = 20; count(kept) > most && near < FULL; near *= 1.5) {
    kept = strokes.map((stroke) => sparse(stroke, near))
  }
  return kept
}

function count(strokes: Strokes): number {
  return strokes.reduce((sum, stroke) => sum + stroke.length, 0)
}

function sparse(stroke: Point[], near: number): Point[] {
  const kept: Point[] = []
  for (const [at, point] of stroke.entries()) {
    const last = kept.at(-1)
    if (!last || at === stroke.length - 1 || Math.hypot(point[0] - last[0], point[1] - last[1]) >= near)
      kept.push(point)
  }
  return kept
}
