/* One's own screen, shown to all: captured, sent in the slot `share`, and given back. The visit says whose screen is shown;
   a capture that the visit does not show is ended here, and a screen that the visit shows but nobody captures (the page
   was loaded again) is taken down. */

import { reactive, shallowRef, watch } from 'vue'
import type { Visit } from '../protocol/types'
import { type Fault, faultOf } from './devices'
import type { Media } from './media'
import type { Store } from './store'

/** Sharp text rather than smooth movement. A window of 4K is sent as 1440p at most: eight readers decode it. */
const WANTED: DisplayMediaStreamOptions = {
  video: {
    width: { ideal: 1920, max: 2560 },
    height: { ideal: 1080, max: 1440 },
    frameRate: { ideal: 15, max: 15 },
  },
  audio: false,
}
/** https://w3c.github.io/mediacapture-screen-share/#dom-displaymediastreamoptions: not in TypeScript's library yet. */
const OPTIONS = { ...WANTED, selfBrowserSurface: 'exclude', surfaceSwitching: 'include', systemAudio: 'exclude' }

export class Screen {
  readonly track = shallowRef<MediaStreamTrack>()
  readonly status = reactive<{ asking: boolean; fault: Fault | '' }>({ asking: false, fault: '' })

  constructor(
    private readonly store: Store,
    private readonly media: Media,
  ) {
    watch(
      () => [...store.visits.values()].find((visit) => visit.share && this.isMine(visit)),
      (shown, before) => {
        if (before && !shown) this.release()
        if (shown && !this.track.value) void this.store.do({ type: 'stop_share' }, shown.id)
      },
    )
  }

  /** Whether this browser can capture a screen at all; one without TLS cannot. */
  get possible(): boolean {
    return typeof navigator.mediaDevices?.getDisplayMedia === 'function'
  }

  isMine(visit: Visit): boolean {
    return visit.share?.actor === this.store.known.you.id
  }

  /** Let the person choose what to show, and show it. Returns the refusal's code, or nothing: also when nothing was chosen. */
  async start(visit: Visit): Promise<string> {
    if (this.status.asking || this.track.value) return ''
    this.status.asking = true
    this.status.fault = ''
    const track = await this.capture()
    if (track) await this.send(track)
    const answer = track && (await this.store.do({ type: 'start_share' }, visit.id))
    this.status.asking = false
    if (!answer || answer.ok) return ''
    this.release()
    return answer.code
  }

  async stop(visit: Visit): Promise<string> {
    const answer = await this.store.do({ type: 'stop_share' }, visit.id)
    return answer.ok ? '' : answer.code
  }

  /** Give the capture back, whatever the visit says. */
  release(): void {
    const track = this.track.value
    if (!track) return
    track.onended = null
    track.stop()
    this.track.value = undefined
    void this.media.put('share', undefined)
  }

  private async capture(): Promise<MediaStreamTrack | undefined> {
    try {
      const [track] = (await navigator.mediaDevices.getDisplayMedia(OPTIONS)).getVideoTracks()
      return track
    } catch (error) {
      const fault = faultOf(error)
      if (fault !== 'denied') this.status.fault = fault // a person who closes the browser's question has changed the mind
      return undefined
    }
  }

  private async send(track: MediaStreamTrack): Promise<void> {
    track.contentHint = 'detail'
    track.onended = () => this.ended()
    this.track.value = track
    await this.media.put('share', track)
  }

  /** The browser's own bar, or the window shown was closed. */
  private ended(): void {
    this.release()
    for (const visit of this.store.visits.values()) {
      if (this.isMine(visit)) void this.store.do({ type: 'stop_share' }, visit.id)
    }
  }
}
