/* Lines that others are writing now, each key as it is typed: for whoever cannot hear. Nothing of them is kept. */

import { shallowReactive } from 'vue'
import type { Recorded, Typed } from '../protocol/types'

/** A line of which nothing more is heard goes: its author may have lost the connection. */
const SILENCE_MS = 20_000

export class Drafts {
  /** By visit and author: one writes one line at a time. */
  readonly known = shallowReactive(new Map<string, Typed>())
  private readonly ends = new Map<string, ReturnType<typeof setTimeout>>()

  of(visit: string): Typed[] {
    return [...this.known.values()].filter((draft) => draft.visit === visit)
  }

  take(draft: Typed): void {
    const key = `${draft.visit}/${draft.by}`
    this.drop(key)
    if (!draft.text) return
    this.known.set(key, draft)
    this.ends.set(
      key,
      setTimeout(() => this.drop(key), SILENCE_MS),
    )
  }

  /** What is said is not being written any more. */
  heard(visit: string, recorded: Recorded): void {
    if (recorded.event.type === 'said') this.drop(`${visit}/${recorded.by}`)
  }

  private drop(key: string): void {
    clearTimeout(this.ends.get(key))
    this.ends.delete(key)
    this.known.delete(key)
  }
}
