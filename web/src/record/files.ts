/* The addresses of the recorded files. Each holds a ticket that ends after some minutes; a file that cannot go on because of that
   gets a new address, and so do all others, at the same moment and once. */

import { shallowRef } from 'vue'
import type { Viewing } from '../protocol/types'

/** Tickets younger than this are not what was wrong. */
const FRESH_MS = 3_000

export class Files {
  private readonly urls = shallowRef(new Map<string, string>())
  private asking: Promise<boolean> | undefined
  private askedAt_ms = Number.NEGATIVE_INFINITY

  constructor(
    private readonly ask: () => Promise<Viewing>,
    private readonly now_ms: () => number = () => performance.now(),
  ) {}

  url(sha256: string): string | undefined {
    return this.urls.value.get(sha256)
  }

  /** Get new addresses, unless those there are fresh: then something else is wrong, and false is returned. Raises `Failure`. */
  renew(): Promise<boolean> {
    this.asking ??= this.renewed().finally(() => {
      this.asking = undefined
    })
    return this.asking
  }

  private async renewed(): Promise<boolean> {
    if (this.now_ms() - this.askedAt_ms < FRESH_MS) return false
    const { files } = await this.ask()
    this.askedAt_ms = this.now_ms()
    this.urls.value = new Map(files.map((one) => [one.sha256, one.url]))
    return true
  }
}
