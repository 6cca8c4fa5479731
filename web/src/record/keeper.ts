/* One clock for all files of a recording. A film that has everybody in it leads, and the clock follows; files of single parties
   are steered by the clock: a little faster or slower where they have drifted, set where they are far off, and all wait for one
   that has no data. Position 0 is the same instant in all files.

   Measured in Chromium: a seek takes 30 to 120 ms, and files that run side by side drift by some milliseconds a minute. */

import { reactive, readonly } from 'vue'

export interface Playing {
  element: HTMLMediaElement
  /** Positions of the first and the last frame. */
  begin: number
  end: number
  /** The clock follows it. */
  leads?: boolean
}

/** What is done to a file. */
export interface Steering {
  /** Set it to the clock's position. */
  set: boolean
  rate: number
  runs: boolean
}

/** Further off than this a file is set; nearer it is made faster or slower by as much as nobody hears. */
const FAR_S = 0.3
const MOST_FASTER = 0.06
const NEAR_S = 0.02

export interface Stand {
  position: number
  seeking: boolean
}

/** What is to be done to a file that stands there, when the clock is at `position`. */
export function steer(stand: Stand, position: number, rate: number, runs: boolean): Steering {
  const late = position - stand.position
  if (stand.seeking) return { set: false, rate, runs: false }
  if (Math.abs(late) > FAR_S || (!runs && Math.abs(late) > NEAR_S)) return { set: true, rate, runs }
  const faster = Math.abs(late) < NEAR_S ? 0 : Math.max(-MOST_FASTER, Math.min(MOST_FASTER, late / 2))
  return { set: false, rate: rate * (1 + faster), runs }
}

export const isActive = ({ begin, end }: Pick<Playing, 'begin' | 'end'>, position: number): boolean =>
  position >= begin - NEAR_S && position < end

export class Keeper {
  private readonly tracks = new Set<Playing>()
  private readonly known = reactive({ position: 0, playing: false, waiting: false, rate: 1 })
  /** What pages show: where it is, whether it plays, whether it waits for data, and how fast. */
  readonly state = readonly(this.known)
  private lookedAt_ms: number

  constructor(
    private readonly seconds: number,
    /** Where to go on from a position of which there is nothing. */
    private readonly over: (position: number) => number | undefined,
    private readonly now_ms: () => number = () => performance.now(),
  ) {
    this.lookedAt_ms = this.now_ms()
  }

  add(track: Playing): () => void {
    this.tracks.add(track)
    track.element.currentTime = this.known.position
    return () => this.tracks.delete(track)
  }

  play(): void {
    if (this.known.position >= this.seconds - NEAR_S) this.seek(0)
    this.known.playing = true
    this.tick()
  }

  pause(): void {
    this.known.playing = false
    this.tick()
  }

  seek(position: number): void {
    this.known.position = Math.max(0, Math.min(this.seconds, position))
    for (const { element } of this.tracks) element.currentTime = this.known.position
    this.tick()
  }

  setRate(rate: number): void {
    this.known.rate = rate
    this.tick()
  }

  /** Look at everything; to be called many times a second. */
  tick(): void {
    const now_ms = this.now_ms()
    const passed = (now_ms - this.lookedAt_ms) / 1000
    this.lookedAt_ms = now_ms
    const leader = [...this.tracks].find((one) => one.leads)
    if (leader) this.follow(leader)
    else this.lead(passed)
    if (!this.known.playing) return
    const goOn = this.over(this.known.position)
    if (this.known.position >= this.seconds - NEAR_S) this.end()
    else if (goOn !== undefined) this.seek(goOn)
  }

  private end(): void {
    this.known.position = this.seconds
    this.pause()
  }

  private follow({ element }: Playing): void {
    const { playing, rate } = this.known
    element.playbackRate = rate
    // One that is loaded anew begins at 0, and is set to where the clock stood.
    if (!element.seeking && element.readyState >= HTMLMediaElement.HAVE_METADATA)
      this.known.position = element.currentTime
    this.known.waiting = playing && (element.seeking || element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA)
    run(element, playing && !element.ended)
    if (element.ended) this.known.playing = false
  }

  private lead(passed: number): void {
    const active = [...this.tracks].filter((one) => isActive(one, this.known.position) && !one.element.ended)
    const ready = active.every(
      ({ element }) => !element.seeking && element.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA,
    )
    const { playing, rate } = this.known
    this.known.waiting = playing && !ready
    if (playing && ready) this.known.position = Math.min(this.seconds, this.known.position + passed * rate)
    for (const track of this.tracks) {
      const { element } = track
      if (!active.includes(track)) run(element, false)
      else {
        const stand = { position: element.currentTime, seeking: element.seeking }
        const what = steer(stand, this.known.position, rate, playing && ready)
        if (what.set) element.currentTime = this.known.position
        element.playbackRate = what.rate
        run(element, what.runs)
      }
    }
  }
}

/** Browsers refuse to play what nobody has touched the page for: the clock then stands, and the person touches again. */
function run(element: HTMLMediaElement, runs: boolean): void {
  if (runs && element.paused) element.play().catch(() => undefined)
  else if (!(runs || element.paused)) element.pause()
}
