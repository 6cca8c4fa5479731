/* Folds beside visits that this page shows, kept current: read whole when one is opened, folded from then on, and read again
   when an event was missed. */

import { shallowReactive } from 'vue'
import type { Recorded } from '../protocol/types'

export class Kept<T extends { version: number }> {
  readonly known = shallowReactive(new Map<string, T>())
  private readonly arriving = new Map<string, Recorded[]>()

  constructor(
    private readonly read: (visit: string) => Promise<T>,
    private readonly evolve: (before: T, recorded: Recorded) => T,
  ) {}

  /** Read it whole. What happens meanwhile is folded after it. */
  async open(visit: string): Promise<void> {
    if (this.arriving.has(visit)) return
    const later: Recorded[] = []
    this.arriving.set(visit, later)
    try {
      let found = await this.read(visit)
      for (const one of later) if (one.version === found.version + 1) found = this.evolve(found, one)
      const known = this.known.get(visit)
      if (!known || known.version <= found.version) this.known.set(visit, found)
    } catch (error) {
      console.warn('what stands beside the visit could not be read', error)
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
    const arriving = this.arriving.get(visit)
    if (arriving) {
      arriving.push(recorded)
      return
    }
    const known = this.known.get(visit)
    if (!known || recorded.version <= known.version) return
    if (recorded.version > known.version + 1) void this.open(visit)
    else this.known.set(visit, this.evolve(known, recorded))
  }
}
