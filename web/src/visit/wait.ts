/* An estimate in honest words: an interval in whole minutes, never a single number, and no promise without officers. */

import type { Estimate } from '../protocol/types'

export type Wait =
  | { kind: 'none' }
  | { kind: 'soon' }
  | { kind: 'within'; high: number }
  | { kind: 'between'; low: number; high: number }

export function waitOf({ low_s, high_s, on_duty }: Estimate): Wait {
  if (on_duty === 0) return { kind: 'none' }
  const low = Math.floor(low_s / 60)
  const high = Math.ceil(high_s / 60)
  if (high <= 1) return { kind: 'soon' }
  return low < 1 ? { kind: 'within', high } : { kind: 'between', low, high }
}
