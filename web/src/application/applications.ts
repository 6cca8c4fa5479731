/* The applications this page shows, read again when something of one has happened: an application is small, and what may be
   done with it is asked of the server anyway. */

import { shallowReactive } from 'vue'
import type { Application, Recorded } from '../protocol/types'

export class Applications {
  readonly known = shallowReactive(new Map<string, Application>())
  private readonly reading = new Set<string>()
  /** The newest version that this page has heard of. */
  private readonly heard = new Map<string, number>()

  constructor(private readonly read: (visit: string) => Promise<Application>) {}

  /** Read the application, until it is as new as what was heard of it. */
  async open(visit: string): Promise<void> {
    if (this.reading.has(visit)) return
    this.reading.add(visit)
    try {
      let found: Application
      do {
        found = await this.read(visit)
        this.put(found)
      } while (found.version < (this.heard.get(visit) ?? 0))
    } catch (error) {
      console.warn('the application could not be read', error)
    } finally {
      this.reading.delete(visit)
    }
  }

  take(visit: string, recorded: Recorded): void {
    this.heard.set(visit, Math.max(recorded.version, this.heard.get(visit) ?? 0))
    void this.open(visit)
  }

  /** Everything was missed for a while. */
  again(): void {
    for (const visit of this.known.keys()) void this.open(visit)
  }

  private put(found: Application): void {
    const before = this.known.get(found.visit)
    if (!before || before.version <= found.version) this.known.set(found.visit, found)
  }
}
