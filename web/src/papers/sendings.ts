/* The files that this page sends, one after the other: a line shared by ten pictures sends none of them sooner. */

import { shallowReactive } from 'vue'
import { Failure } from '../visit/session'
import { acceptable } from './acceptable'
import type { Carrier } from './carrier'
import { type Purpose, Sending } from './upload'

/** How many that are over stay in sight. */
const SHOWN_OVER = 20

export class Sendings {
  readonly all = shallowReactive<Sending[]>([])
  private running = false
  private readonly hurry = (): void => {
    for (const one of this.all) one.hurry()
  }

  constructor(
    private readonly carrier: Carrier,
    private readonly fit: (file: Blob) => Promise<Blob> = acceptable,
  ) {
    globalThis.addEventListener?.('online', this.hurry)
  }

  /** Send a file that was chosen; one that no server takes as it is becomes a JPEG first, where the browser can read it. */
  async add(file: Blob, name: string, purpose: Purpose): Promise<Sending> {
    let fitting: Blob = file
    let fault: unknown
    try {
      fitting = await this.fit(file)
    } catch (error) {
      fault = error
    }
    const sending = new Sending(fitting, fitting === file ? name : `${name}.jpg`, purpose, this.carrier)
    if (fault)
      Object.assign(sending.known, { phase: 'refused', fault: fault instanceof Failure ? fault.code : 'unknown' })
    this.all.push(sending)
    void this.next()
    return sending
  }

  /** Take it out of sight; what is under way is given up. */
  drop(sending: Sending): void {
    sending.giveUp()
    const at = this.all.indexOf(sending)
    if (at >= 0) this.all.splice(at, 1)
  }

  end(): void {
    globalThis.removeEventListener?.('online', this.hurry)
    for (const one of [...this.all]) this.drop(one)
  }

  private async next(): Promise<void> {
    if (this.running) return
    this.running = true
    for (let one = this.waiting(); one; one = this.waiting()) await one.run()
    this.running = false
    for (const one of this.all.filter((over) => over.known.phase === 'done').slice(0, -SHOWN_OVER)) this.drop(one)
  }

  private waiting(): Sending | undefined {
    return this.all.find((one) => one.known.phase === 'waiting')
  }
}
