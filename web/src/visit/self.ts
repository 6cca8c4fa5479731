/* One's own camera and microphone in a visit: got, shown to oneself, sent, muted, given back. The light of the camera is
   on only between `take` and `release`. */

import { reactive, shallowReactive, watchEffect } from 'vue'
import { acquireAll, type Device, type Fault } from './devices'
import type { Media } from './media'

const KEY = 'rvw.off'
const DEVICES: Device[] = ['mic', 'camera']

export class Self {
  readonly tracks = shallowReactive(new Map<Device, MediaStreamTrack>())
  readonly faults = reactive(new Map<Device, Fault>())
  /** What the person has switched off. Kept over a reload: a camera that was off must not come on by itself. */
  readonly off = reactive(new Set<Device>(sessionStorage.getItem(KEY)?.split(',') as Device[] | undefined))
  readonly status = reactive({ taken: false, asking: false, held: false })
  /** Counts takings: an answer to one that was given up meanwhile must not switch the camera on. */
  private taking = 0

  constructor(private readonly media: Media) {
    watchEffect(() => {
      if (this.off.size) sessionStorage.setItem(KEY, [...this.off].join())
      else sessionStorage.removeItem(KEY)
      for (const [device, track] of this.tracks) track.enabled = !this.status.held && !this.off.has(device)
    })
  }

  /** Ask for the devices, both unless told otherwise, and send what is got. Harmless when they are taken already. */
  async take(wanted: readonly Device[] = DEVICES): Promise<void> {
    if (this.status.taken || this.status.asking) return
    this.status.asking = true
    this.taking += 1
    const taking = this.taking
    const got = await acquireAll(wanted)
    if (taking !== this.taking) {
      for (const one of Object.values(got)) if ('track' in one) one.track.stop()
      return
    }
    this.status.asking = false
    this.status.taken = true
    this.faults.clear()
    for (const device of wanted) {
      const one = got[device]
      if (!one) continue
      if ('fault' in one) this.faults.set(device, one.fault)
      else this.use(device, one.track)
    }
  }

  /** Ask again, after a failure. */
  async retake(): Promise<void> {
    this.release()
    await this.take()
  }

  release(): void {
    this.taking += 1
    this.status.asking = false
    for (const device of DEVICES) {
      this.tracks.get(device)?.stop()
      void this.media.put(device, undefined)
    }
    this.tracks.clear()
    this.faults.clear()
    this.off.clear()
    this.status.taken = false
    this.status.held = false
  }

  toggle(device: Device): void {
    if (!this.off.delete(device)) this.off.add(device)
  }

  private use(device: Device, track: MediaStreamTrack): void {
    this.tracks.set(device, track)
    void this.media.put(device, track)
    track.onended = () => {
      this.tracks.delete(device)
      this.faults.set(device, 'missing')
      void this.media.put(device, undefined)
    }
  }
}
