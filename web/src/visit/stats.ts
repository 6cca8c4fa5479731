/* `await rvwStats()` in the browser's console: what flows in which slot. For IT staff and for tests; it changes nothing. */

import { LAYOUT } from '../protocol/types'
import type { Media } from './media'

export interface InboundStats {
  slot: string
  kind: string
  framesDecoded: number
  totalAudioEnergy: number
  bytesReceived: number
  packetsLost: number
  freezeCount: number
}

export interface OutboundStats {
  slot: string
  kind: string
  framesEncoded: number
  bytesSent: number
}

export interface RvwStats {
  /** How many connections the page has made so far. */
  connections: number
  connectionState: string
  /** How packets go: `udp` straight to the server, or to a relay by `udp`, `tcp` or `tls`. Empty before they do. */
  path: { type: string; protocol: string; remote: string }
  /** What the connection was told: `all` ways or `relay` alone, and the relays by their addresses. */
  policy: string
  relays: string[]
  inbound: InboundStats[]
  outbound: OutboundStats[]
}

declare global {
  interface Window {
    rvwStats?: () => Promise<RvwStats>
  }
}

export function offerStats(media: Media): void {
  window.rvwStats = () => read(media)
}

/** The way that a connection has chosen. */
export function path(reports: RTCStatsReport | undefined): RvwStats['path'] {
  const all = [...(reports?.values() ?? [])]
  const chosen = all.find((one) => one.type === 'transport')?.selectedCandidatePairId
  const pair = reports?.get(chosen ?? '')
  const own = reports?.get(pair?.localCandidateId ?? '')
  const other = reports?.get(pair?.remoteCandidateId ?? '')
  return {
    type: own?.candidateType ?? '',
    protocol: own?.relayProtocol ?? own?.protocol ?? '',
    remote: other?.address ?? '',
  }
}

async function read({ pc, made }: Media): Promise<RvwStats> {
  const asked = pc?.getConfiguration()
  const stats: RvwStats = {
    connections: made,
    connectionState: pc?.connectionState ?? 'none',
    path: { type: '', protocol: '', remote: '' },
    policy: asked?.iceTransportPolicy ?? '',
    relays: (asked?.iceServers ?? []).flatMap((one) => one.urls),
    inbound: [],
    outbound: [],
  }
  const reports = await pc?.getStats()
  stats.path = path(reports)
  for (const report of reports?.values() ?? []) {
    const slot = LAYOUT[Number(report.mid)]?.name ?? ''
    const count = (name: string): number => Number(report[name] ?? 0)
    if (report.type === 'inbound-rtp') {
      stats.inbound.push({
        slot,
        kind: report.kind,
        framesDecoded: count('framesDecoded'),
        totalAudioEnergy: count('totalAudioEnergy'),
        bytesReceived: count('bytesReceived'),
        packetsLost: count('packetsLost'),
        freezeCount: count('freezeCount'),
      })
    } else if (report.type === 'outbound-rtp') {
      stats.outbound.push({
        slot,
        kind: report.kind,
        framesEncoded: count('framesEncoded'),
        bytesSent: count('bytesSent'),
      })
    }
  }
  return stats
}
