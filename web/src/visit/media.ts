/* The page's one media connection: one offer with the fixed sections of the layout, made once and kept warm. What is seen
   and heard in it changes at the server alone. It is never mended: when it is lost, a new one joins.

   It knows slots, not people; `place` tells in which slot somebody appears. */

import { reactive, shallowReactive } from 'vue'
import { Backoff } from './backoff'
import type { Way } from './ice'
import { addSlots, transceiverOf } from './slots'
import type { Answer } from './wire'

export type OutSlot = 'mic' | 'camera' | 'share'
export type MediaState = 'off' | 'connecting' | 'connected' | 'lost'

const DISCONNECTED_MS = 4_000
const CONNECT_MS = 12_000

export class Media {
  readonly status = reactive<{ state: MediaState }>({ state: 'off' })
  /** What arrives, by the name of the in-slot: `voice1` … `face7`, `share`. */
  readonly streams = shallowReactive(new Map<string, MediaStream>())
  pc: RTCPeerConnection | undefined
  /** How many connections have been made: one more is a rejoin. */
  made = 0
  private readonly outs = new Map<OutSlot, MediaStreamTrack>()
  private readonly backoff = new Backoff(300, 5_000)
  private timer: ReturnType<typeof setTimeout> | undefined

  /** Counts connections: whoever has waited and finds another one begun gives up. */
  private attempt = 0

  constructor(
    private readonly join: (offer: string) => Promise<Answer>,
    private readonly find: () => Promise<Way>,
  ) {}

  /** Connect and stay connected. Harmless when it is so already. */
  start(): void {
    if (this.status.state === 'off') void this.connect()
  }

  stop(): void {
    this.drop()
    this.status.state = 'off'
  }

  /** Make a new connection, at once. */
  rejoin(): void {
    if (this.status.state === 'off') return
    void this.connect()
  }

  /** Send `track` in an out-slot, or nothing. It is sent again after a rejoin. */
  async put(slot: OutSlot, track: MediaStreamTrack | undefined): Promise<void> {
    if (track) this.outs.set(slot, track)
    else this.outs.delete(slot)
    await this.transceiver(slot, 'out')?.sender.replaceTrack(track ?? null)
  }

  transceiver(name: string, direction: 'in' | 'out'): RTCRtpTransceiver | undefined {
    return transceiverOf(this.pc, name, direction)
  }

  private async connect(): Promise<void> {
    this.drop()
    this.status.state = this.status.state === 'off' ? 'connecting' : 'lost'
    const attempt = this.attempt
    const way = await this.find().catch(() => undefined)
    if (attempt !== this.attempt) return
    if (!way) return this.tryAgain()
    const pc = new RTCPeerConnection({ ...way.configuration, bundlePolicy: 'max-bundle' })
    this.pc = pc
    this.made += 1
    pc.onconnectionstatechange = () => this.changed(pc)
    const streams = addSlots(pc, way.codecs)
    await Promise.all([...this.outs].map(([slot, track]) => this.put(slot, track)))
    await pc.setLocalDescription(await pc.createOffer())
    if (this.pc !== pc) return
    const answer = await this.join(pc.localDescription?.sdp ?? '')
    if (this.pc !== pc) return
    if (!answer.ok) return this.tryAgain()
    try {
      await pc.setRemoteDescription({ type: 'answer', sdp: answer.text })
    } catch (error) {
      console.warn('the media answer could not be used', error)
      return this.tryAgain()
    }
    if (this.pc !== pc) return
    for (const [name, stream] of streams) this.streams.set(name, stream)
    if (pc.connectionState !== 'connected') this.later(CONNECT_MS, () => this.tryAgain())
  }

  private changed(pc: RTCPeerConnection): void {
    if (this.pc !== pc) return
    switch (pc.connectionState) {
      case 'connected':
        clearTimeout(this.timer)
        this.backoff.reset()
        this.status.state = 'connected'
        return
      case 'disconnected':
        return this.later(DISCONNECTED_MS, () => this.rejoin())
      case 'failed':
      case 'closed':
        return this.tryAgain()
    }
  }

  private tryAgain(): void {
    this.status.state = 'lost'
    this.later(this.backoff.next_ms(), () => this.rejoin())
  }

  private later(ms: number, act: () => void): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(act, ms)
  }

  private drop(): void {
    clearTimeout(this.timer)
    this.attempt += 1
    const pc = this.pc
    this.pc = undefined
    this.streams.clear()
    if (!pc) return
    pc.onconnectionstatechange = null
    pc.close()
  }
}

/** In which of one's own places, 1 to 7, another appears: the same rule as `rvw/domain/effects.py`. */
export function place(sourceSeat: number, ownSeat: number): number {
  return sourceSeat > ownSeat ? sourceSeat : sourceSeat + 1
}
