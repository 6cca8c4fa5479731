/* A connection that sees and hears itself: what is sent comes back from the media server. Beside the page's own one, never
   in its way, and gone when closed. */

import type { Way } from './ice'
import { Failure } from './session'
import { addSlots, transceiverOf } from './slots'
import type { Answer } from './wire'

export class Echo {
  /** What comes back. */
  readonly picture: MediaStream
  readonly sound: MediaStream
  readonly pc: RTCPeerConnection

  constructor(
    { configuration, codecs }: Way,
    private readonly join: (offer: string) => Promise<Answer>,
  ) {
    this.pc = new RTCPeerConnection({ ...configuration, bundlePolicy: 'max-bundle' })
    const streams = new Map(addSlots(this.pc, codecs))
    this.picture = streams.get('face1') ?? new MediaStream()
    this.sound = streams.get('voice1') ?? new MediaStream()
  }

  /** Send a track, or nothing any more. */
  async put(slot: 'mic' | 'camera', track: MediaStreamTrack | null): Promise<void> {
    await transceiverOf(this.pc, slot, 'out')?.sender.replaceTrack(track)
  }

  /** Resolves when the connection is up. Raises `Failure` when it is not within that time, or the server refuses. */
  async open(within_ms: number): Promise<void> {
    const up = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Failure('unavailable')), within_ms)
      this.pc.onconnectionstatechange = () => {
        if (this.pc.connectionState !== 'connected') return
        clearTimeout(timer)
        resolve()
      }
    })
    await Promise.all([up, this.offer()])
  }

  close(): void {
    this.pc.onconnectionstatechange = null
    this.pc.close()
  }

  private async offer(): Promise<void> {
    await this.pc.setLocalDescription(await this.pc.createOffer())
    const answer = await this.join(this.pc.localDescription?.sdp ?? '')
    if (!answer.ok) throw new Failure(answer.code)
    if (this.pc.signalingState === 'closed') return
    await this.pc.setRemoteDescription({ type: 'answer', sdp: answer.text })
  }
}
