/* Which ways lead to a media worker, and how well: straight by UDP, or by a relay over UDP, TCP or TLS. Every way is tried
   at once; those that work then carry a picture there and back, one after another. Six seconds where all work, eleven at
   most; no camera. */

import type { IceServer, IceServers, PathTest } from '../protocol/types'
import { Echo } from './echo'
import { transceiverOf } from './slots'
import type { Answer } from './wire'

export type Path = PathTest['path']

/** TLS to a relay and DTLS through it are some nine round trips: a hall that is 0.4 s away has them, too. */
const CONNECT_MS = 5_000
const FIRST_PICTURE_MS = 500
const MEASURE_MS = 900
const CANVAS = { width: 640, height: 360 }
const DRAW_MS = 33

/** What a path is tried with; nothing for one that has no relay here. */
export function configurationOf(path: Path, { servers }: IceServers): RTCConfiguration | undefined {
  if (path === 'udp') return {}
  const relays = servers
    .map((one) => ({ ...one, urls: one.urls.filter((url) => kindOf(url) === path) }))
    .filter((one) => one.urls.length > 0)
  return relays.length ? { iceServers: relays satisfies IceServer[], iceTransportPolicy: 'relay' } : undefined
}

/** RFC 7065, section 3.1: `turn` is UDP and `turns` is TLS unless told otherwise. */
function kindOf(url: string): Path {
  if (url.startsWith('turns:')) return 'turn_tls'
  return url.endsWith('?transport=tcp') ? 'turn_tcp' : 'turn_udp'
}

/** How a path is for a talk: what a clerk is told. */
export function wordOf(test: PathTest): 'good' | 'fair' | 'poor' | 'none' {
  if (!test.works) return 'none'
  if (test.kbps >= 500 && test.lost_percent < 3 && test.rtt_ms < 300) return 'good'
  return test.kbps >= 200 && test.lost_percent < 10 && test.rtt_ms < 800 ? 'fair' : 'poor'
}

export const PATHS: readonly Path[] = ['udp', 'turn_udp', 'turn_tcp', 'turn_tls']

/** Test every path there is. Resolves with nothing when `stop` says so: somebody needs the line. */
export async function testLine(
  servers: IceServers,
  join: (path: Path, offer: string) => Promise<Answer>,
  stop: AbortSignal,
): Promise<PathTest[] | undefined> {
  const ways = PATHS.map((path) => ({ path, configuration: configurationOf(path, servers) })).filter(
    (one) => one.configuration && !(one.path === 'udp' && servers.relay_only),
  )
  const echoes = ways.map(({ path, configuration }) => ({
    path,
    echo: new Echo({ configuration: configuration ?? {}, codecs: servers.codecs }, (offer) => join(path, offer)),
  }))
  const close = (): void => {
    for (const { echo } of echoes) echo.close()
  }
  stop.addEventListener('abort', close)
  const picture = new TestPicture()
  try {
    const opened = await Promise.all(echoes.map(({ echo }) => opens(echo)))
    const found: PathTest[] = []
    for (const [n, { path, echo }] of echoes.entries()) {
      if (stop.aborted) return undefined
      const figures = opened[n] ? await measure(echo, picture.track) : { rtt_ms: 0, lost_percent: 0, kbps: 0 }
      found.push({ path, works: opened[n] ?? false, ...figures })
    }
    return stop.aborted ? undefined : found
  } finally {
    stop.removeEventListener('abort', close)
    picture.end()
    close()
  }
}

async function opens(echo: Echo): Promise<boolean> {
  try {
    await echo.open(CONNECT_MS)
    return true
  } catch {
    return false
  }
}

async function measure(echo: Echo, track: MediaStreamTrack): Promise<Omit<PathTest, 'path' | 'works'>> {
  await echo.put('camera', track)
  await pause(FIRST_PICTURE_MS)
  const before = await read(echo)
  await pause(MEASURE_MS)
  const after = await read(echo)
  await echo.put('camera', null)
  const received = after.packets - before.packets
  const lost = Math.max(0, after.lost - before.lost)
  const seconds = Math.max(0.001, (after.at_ms - before.at_ms) / 1000)
  return {
    rtt_ms: Math.round(after.rtt_ms),
    lost_percent: Math.round((100 * lost) / Math.max(1, lost + received)),
    kbps: Math.round(((after.bytes - before.bytes) * 8) / 1000 / seconds),
  }
}

interface Reading {
  at_ms: number
  bytes: number
  packets: number
  lost: number
  rtt_ms: number
}

async function read({ pc }: Echo): Promise<Reading> {
  const reading = { at_ms: performance.now(), bytes: 0, packets: 0, lost: 0, rtt_ms: 0 }
  if (pc.connectionState === 'closed') return reading
  const face = transceiverOf(pc, 'face1', 'in')
  for (const report of (await pc.getStats()).values()) {
    if (report.type === 'inbound-rtp' && report.mid === face?.mid) {
      Object.assign(reading, {
        bytes: report.bytesReceived ?? 0,
        packets: report.packetsReceived ?? 0,
        lost: report.packetsLost ?? 0,
      })
    } else if (report.type === 'candidate-pair' && report.nominated) {
      reading.rtt_ms = 1000 * (report.currentRoundTripTime ?? 0)
    }
  }
  return reading
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}

/** A picture that costs as much as the line gives: noise in moving tiles. */
class TestPicture {
  readonly track: MediaStreamTrack
  private readonly timer: ReturnType<typeof setInterval>

  constructor() {
    const canvas = Object.assign(document.createElement('canvas'), CANVAS)
    const context = canvas.getContext('2d')
    const tile = new ImageData(160, 90)
    const draw = (): void => {
      for (let at = 0; at < tile.data.length; at += 4) tile.data.set([Math.random() * 255, at % 251, 90, 255], at)
      for (let n = 0; n < 6; n++) {
        context?.putImageData(tile, Math.random() * CANVAS.width, Math.random() * CANVAS.height)
      }
    }
    draw()
    this.timer = setInterval(draw, DRAW_MS)
    const [track] = canvas.captureStream(30).getVideoTracks()
    if (!track) throw new Error('a canvas gives no picture')
    this.track = track
  }

  end(): void {
    clearInterval(this.timer)
    this.track.stop()
  }
}
