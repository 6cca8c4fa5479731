/* What a task is about, in words: of a rating the level and the reasons first, then what the resident has written. */

import { type TextKey, useWords } from '../i18n'
import type { Task } from '../protocol/types'
import { BAD, GOOD } from '../visit/rating'

const REASONS: readonly string[] = [...GOOD, ...BAD]
const LEVEL: Record<string, TextKey> = { 1: 'rating.level1', 2: 'rating.level2' }

export function useTaskWords(): (task: Task) => string {
  const { t } = useWords()
  return (task) => {
    if (task.kind !== 'low_rating') return task.text
    const [first = '', ...rest] = task.text.split('\n')
    const [level = '', ...tags] = first.split(' ')
    const why = tags.filter((tag) => REASONS.includes(tag)).map((tag) => t(`rating.tag.${tag}` as TextKey))
    return [LEVEL[level] ? t(LEVEL[level]) : level, ...why, ...rest].join(' · ')
  }
}
