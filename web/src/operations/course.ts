/* The day as two lines: how many waited, and how many were answered in time. Pure. */

import type { Report } from '../protocol/types'

/** The width of a slot: `SLOT_S` of `rvw/domain/course.py`. */
const SLOT_S = 300
/** Over how many slots answers are counted together, as "now" is: a single slot has too few. */
const TOGETHER = 3
/** A line is drawn over an hour at least. */
const SHORTEST_S = 3600

export interface Lines {
  /** Seconds since the epoch: the end of each slot, and the present. */
  times: number[]
  waiting: number[]
  /** In percent; `null` where nobody could be judged. */
  prompt: (number | null)[]
  from: number
  to: number
}

export function linesOf(report: Report): Lines {
  const { course, until } = report
  const lines: Lines = { times: [], waiting: [], prompt: [], from: until - SHORTEST_S, to: until }
  for (const [index, point] of course.entries()) {
    const slots = course.slice(Math.max(0, index - TOGETHER + 1), index + 1)
    const prompt = slots.reduce((sum, one) => sum + one.prompt, 0)
    const judged = slots.reduce((sum, one) => sum + one.prompt + one.late, 0)
    lines.times.push(Math.min(point.at + SLOT_S, until))
    lines.waiting.push(point.waiting)
    lines.prompt.push(judged ? (100 * prompt) / judged : null)
  }
  const first = course[0]
  if (first) lines.from = Math.min(lines.from, first.at)
  return lines
}

/** A share as `92%`. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? '–' : `${Math.round(100 * share)}%`
}
