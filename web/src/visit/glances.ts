/* Still pictures where a line does not carry moving ones: one's own are sent while somebody in the visit is without pictures,
   those of others are shown while oneself is. A still is small, every few seconds, and kept nowhere. */

import { onScopeDispose, shallowReactive } from 'vue'
import type { Glanced, Visit } from '../protocol/types'
import type { Self } from './self'
import type { Store } from './store'

const EVERY_MS = 3_000
/** A still that none follows is not how somebody looks now. */
const SILENCE_MS = 12_000
const WIDTH = 320
/** From fine to coarse: the first that is small enough is sent. */
const QUALITIES = [0.6, 0.4, 0.2]
const MOST = 32_000

export class Glances {
  /** By actor: the address of the picture. */
  readonly known = shallowReactive(new Map<string, string>())
  private readonly ends = new Map<string, ReturnType<typeof setTimeout>>()

  take(glance: Glanced): void {
    this.drop(glance.by)
    this.known.set(glance.by, `data:image/jpeg;base64,${glance.picture}`)
    this.ends.set(
      glance.by,
      setTimeout(() => this.drop(glance.by), SILENCE_MS),
    )
  }

  /** Moving pictures come again. */
  clear(): void {
    for (const actor of [...this.known.keys()]) this.drop(actor)
  }

  private drop(actor: string): void {
    clearTimeout(this.ends.get(actor))
    this.ends.delete(actor)
    this.known.delete(actor)
  }
}

/** Show oneself in stills for as long as the calling scope lives and somebody in the visit needs it. */
export function showGlances(store: Store, self: Self, visit: () => Visit | undefined): void {
  const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true })
  const timer = setInterval(() => void show(), EVERY_MS)
  onScopeDispose(() => {
    clearInterval(timer)
    video.srcObject = null
  })

  async function show(): Promise<void> {
    const now = visit()
    const track = self.tracks.get('camera')
    const needed = now?.state === 'live' && now.participants.some((one) => isBlind(one.actor))
    if (!needed || !track?.enabled || track.readyState !== 'live') {
      video.srcObject = null
      return
    }
    const stream = video.srcObject instanceof MediaStream ? video.srcObject : undefined
    if (stream?.getVideoTracks()[0] !== track) video.srcObject = new MediaStream([track])
    await video.play().catch(() => undefined)
    const picture = still(video)
    if (picture) store.glance({ type: 'glance', visit: now.id, picture })
  }

  function isBlind(actor: string): boolean {
    return actor !== store.known.you.id && !!store.qualities.get(actor)?.paused
  }
}

function still(video: HTMLVideoElement): string {
  if (!video.videoWidth) return ''
  const canvas = document.createElement('canvas')
  canvas.width = WIDTH
  canvas.height = Math.round((WIDTH * video.videoHeight) / video.videoWidth)
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height)
  for (const quality of QUALITIES) {
    const picture = canvas.toDataURL('image/jpeg', quality).split(',')[1] ?? ''
    if (picture.length <= MOST) return picture
  }
  return ''
}
