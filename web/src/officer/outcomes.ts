/* The outcomes an officer can record, in the order in which they are most often right. */

import type { TextKey } from '../i18n'

export const OUTCOMES = ['accepted', 'guided', 'returned', 'transferred', 'unresolved'] as const
export type Outcome = (typeof OUTCOMES)[number]

export function outcomeText(t: (key: TextKey) => string, outcome: string): string {
  const known = [...OUTCOMES, 'left' as const].find((one) => one === outcome)
  return known ? t(`outcome.${known}`) : ''
}
