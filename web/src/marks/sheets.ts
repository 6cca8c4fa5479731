/* The sheets this page shows, kept current: read whole when a surface is opened, folded from then on, and read again when an
   event was missed. And the pointers of the others, for as long as they move. */

import { shallowReactive } from 'vue'
import type { Gestured, Recorded, Sheet } from '../protocol/types'
import { evolve } from './sheet'

/** How long a pointer is seen after it was last heard of. */
const LASER_MS = 900
const STROKE_MS = 4_000

export interface Pointer extends Gestured {
  heardAt_ms: number
}

export class Sheets {
  readonly known = shallowReactive(new Map<string, Sheet>())
  /** By visit and actor: one has one pointer. */
  readonly pointers = shallowReactive(new Map<string, Pointer>())
  private readonly arriving = new Map<string, Recorded[]>()
  private sweeping: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly fetchSheet: (visit: string) => Promise<Sheet>) {}

  /** Read the sheet whole. What happens meanwhile is folded after it. */
  async open(visit: string): Promise<void> {
    if (this.arriving.has(visit)) return
    const later: Recorded[] = []
    this.arriving.set(visit, later)
    try {
      let sheet = await this.fetchSheet(visit)
      for (const one of later) if (one.version === sheet.version + 1) sheet = evolve(sheet, one)
      const known = this.known.get(visit)
      if (!known || known.version <= sheet.version) this.known.set(visit, sheet)
    } catch (error) {
      console.warn('the marks could not be read', error)
    } finally {
      this.arriving.delete(visit)
    }
    const last = later.at(-1)
    if (last && last.version > (this.known.get(visit)?.version ?? 0)) void this.open(visit)
  }

  /** Everything was missed for a while. */
  again(): void {
    for (const visit of this.known.keys()) void this.open(visit)
  }

  take(visit: string, recorded: Recorded): void {
    if (recorded.event.type === 'drawn') this.pointers.delete(`${visit}/${recorded.by}`)
    const arriving = this.arriving.get(visit)
    if (arriving) {
      arriving.push(recorded)
      return
    }
    const sheet = this.known.get(visit)
    if (!sheet || recorded.version <= sheet.version) return
    if (recorded.version > sheet.version + 1) void this.open(visit)
    else this.known.set(visit, evolve(sheet, recorded))
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
