/* The sheets this page shows, kept current; and the pointers of the others, for as long as they move. */

import { shallowReactive } from 'vue'
import type { Gestured, Recorded, Sheet } from '../protocol/types'
import { Kept } from '../visit/kept'
import { evolve } from './sheet'

/** How long a pointer is seen after it was last heard of. */
const LASER_MS = 900
const STROKE_MS = 4_000

export interface Pointer extends Gestured {
  heardAt_ms: number
}

export class Sheets extends Kept<Sheet> {
  /** By visit and actor: one has one pointer. */
  readonly pointers = shallowReactive(new Map<string, Pointer>())
  private sweeping: ReturnType<typeof setTimeout> | undefined

  constructor(fetchSheet: (visit: string) => Promise<Sheet>) {
    super(fetchSheet, evolve)
  }

  override take(visit: string, recorded: Recorded): void {
    if (recorded.event.type === 'drawn') this.pointers.delete(`${visit}/${recorded.by}`)
    super.take(visit, recorded)
  }

  point(gesture: Gestured): void {
    const key = `${gesture.visit}/${gesture.by}`
    if (gesture.points) this.pointers.set(key, { ...gesture, heardAt_ms: performance.now() })
    else this.pointers.delete(key)
    this.sweeping ??= setTimeout(() => this.sweep(), 150)
  }

  private sweep(): void {
    this.sweeping = undefined
    const now = performance.now()
    for (const [key, one] of this.pointers) {
      if (now - one.heardAt_ms > (one.tool === 'laser' ? LASER_MS : STROKE_MS)) this.pointers.delete(key)
    }
    if (this.pointers.size) this.sweeping = setTimeout(() => this.sweep(), 150)
  }
}
