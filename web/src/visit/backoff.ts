/* Ever longer pauses between attempts, shaken so that a hall of kiosks does not come back in one blow. */

export class Backoff {
  private attempt = 0

  constructor(
    private readonly first_ms: number,
    private readonly longest_ms: number,
    private readonly random: () => number = Math.random,
  ) {}

  /** The pause before the next attempt. */
  next_ms(): number {
    const full = Math.min(this.longest_ms, this.first_ms * 2 ** this.attempt)
    this.attempt += 1
    return full * (0.6 + 0.4 * this.random())
  }

  /** It worked: begin anew. */
  reset(): void {
    this.attempt = 0
  }
}
