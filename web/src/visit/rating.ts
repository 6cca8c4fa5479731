/* 好差评: the levels and the reasons that fit each, as in `rvw/domain/rating.py`. Pure. */

import type { RatingGiven } from '../protocol/types'

export type Level = RatingGiven['level']

/** The best first, as the standard names them: 非常满意 … 非常不满意. */
export const LEVELS: Level[] = [5, 4, 3, 2, 1]
export const GOOD = ['patient', 'clear', 'quick', 'solved', 'easy'] as const
export const BAD = ['rude', 'unclear', 'slow', 'unsolved', 'many_trips', 'more_papers', 'bad_line'] as const
export type Reason = (typeof GOOD)[number] | (typeof BAD)[number]

export const isLow = (level: Level): boolean => level <= 2

/** The reasons that may be given for a level. */
export function reasonsOf(level: Level): Reason[] {
  if (isLow(level)) return [...BAD]
  return level > 3 ? [...GOOD] : [...GOOD, ...BAD]
}
