/* Sound over a line that loses packets is played a little later, so that what is repeated still comes in time. The browser
   by itself waits only as long as it thinks fair; at one packet lost in twenty it then makes up one in a hundred. */

import { LAYOUT } from '../protocol/types'
import type { Media } from './media'

const LOOK_MS = 2_000
/** Asked for again so often within a look: two packets in a hundred. */
const LOSSY = 2
/** So much later: two round trips of a usual line, and hardly noticed in a talk. */
const LATER_MS = 140
/** Without losses for so many looks, sound is played as soon as the browser dares. */
const CALM_LOOKS = 10

/** Watch every voice that arrives. Ends with the returned function. */
export function watchSound(media: Media): () => void {
  const asked = new Map<string, number>()
  const calm = new Map<string, number>()
  const timer = setInterval(() => void look(), LOOK_MS)
  return () => clearInterval(timer)

  async function look(): Promise<void> {
    const reports = media.status.state === 'connected' ? await media.pc?.getStats() : undefined
    for (const report of reports?.values() ?? []) {
      if (report.type !== 'inbound-rtp' || report.kind !== 'audio') continue
      const slot = LAYOUT[Number(report.mid)]?.name ?? ''
      const receiver = media.transceiver(slot, 'in')?.receiver
      const before = asked.get(slot) ?? 0
      asked.set(slot, Number(report.nackCount ?? 0))
      if (receiver) receiver.jitterBufferTarget = later(slot, Number(report.nackCount ?? 0) - before)
    }
  }

  function later(slot: string, lost: number): number | null {
    const looks = lost >= LOSSY ? 0 : (calm.get(slot) ?? CALM_LOOKS) + 1
    calm.set(slot, looks)
    return looks < CALM_LOOKS ? LATER_MS : null
  }
}
