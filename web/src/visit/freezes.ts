/* Which pictures stutter here: what only the browser knows of a line. */

import { reactive } from 'vue'
import { LAYOUT } from '../protocol/types'
import type { Media } from './media'

const LOOK_MS = 2_000
/** Frozen for so long within a look: seen by everybody. */
const FROZEN_S = 0.4

/** Keep the names of the in-slots whose picture has stood still lately. Ends with the returned function. */
export function watchFreezes(media: Media): { slots: ReadonlySet<string>; end: () => void } {
  const slots = reactive(new Set<string>())
  const totals = new Map<string, number>()
  const timer = setInterval(() => void look(), LOOK_MS)
  return { slots, end: () => clearInterval(timer) }

  async function look(): Promise<void> {
    const reports = media.status.state === 'connected' ? await media.pc?.getStats() : undefined
    for (const report of reports?.values() ?? []) {
      if (report.type !== 'inbound-rtp' || report.kind !== 'video') continue
      const slot = LAYOUT[Number(report.mid)]?.name ?? ''
      const total = Number(report.totalFreezesDuration ?? 0)
      const grown = total - (totals.get(slot) ?? total)
      totals.set(slot, total)
      if (grown >= FROZEN_S) slots.add(slot)
      else slots.delete(slot)
    }
  }
}
