/* One tick a second, also while the page is hidden. Returns the function that ends it. */

export type Ticker = (tick: () => void) => () => void

export const workerTicker: Ticker = (tick) => {
  const worker = new Worker(new URL('./ticker.worker.ts', import.meta.url), { type: 'module' })
  worker.onmessage = tick
  return () => worker.terminate()
}
