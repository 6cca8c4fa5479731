/* One still, and what is made of it: the page's side of `darkroom.worker.ts`. */

import type { Look } from './looks'
import type { Corners } from './straighten'

type Ask = { type: 'load'; picture: ImageBitmap } | { type: 'develop'; corners: Corners; look: Look; preview: boolean }
export type Answer = { type: 'loaded'; corners: Corners | null } | { type: 'developed'; page: Blob }

export interface ToDarkroom {
  id: number
  ask: Ask
}
export type FromDarkroom = { id: number; answer?: Answer; fault?: string }

export class Darkroom {
  private readonly worker = new Worker(new URL('./darkroom.worker.ts', import.meta.url), { type: 'module' })
  private readonly waiting = new Map<number, (told: FromDarkroom) => void>()
  private count = 0

  constructor() {
    this.worker.onmessage = ({ data }: MessageEvent<FromDarkroom>) => {
      this.waiting.get(data.id)?.(data)
      this.waiting.delete(data.id)
    }
  }

  /** Take a still in; returns where a sheet lies, if one was found. */
  async load(still: Blob): Promise<Corners | undefined> {
    const picture = await createImageBitmap(still)
    const answer = await this.ask({ type: 'load', picture }, [picture])
    return (answer.type === 'loaded' && answer.corners) || undefined
  }

  /** The sheet as a JPEG; `preview`: small, and at once. */
  async develop(corners: Corners, look: Look, preview: boolean): Promise<Blob> {
    // Corners of the page's state are proxies, which cannot be sent.
    const plain = corners.map(([x, y]) => [x, y]) as unknown as Corners
    const answer = await this.ask({ type: 'develop', corners: plain, look, preview })
    if (answer.type !== 'developed') throw new Error('the darkroom answers something else')
    return answer.page
  }

  end(): void {
    this.worker.terminate()
  }

  private async ask(ask: Ask, transfer: Transferable[] = []): Promise<Answer> {
    const id = ++this.count
    const told = await new Promise<FromDarkroom>((resolve) => {
      this.waiting.set(id, resolve)
      this.worker.postMessage({ id, ask } satisfies ToDarkroom, transfer)
    })
    if (!told.answer) throw new Error(told.fault ?? 'the darkroom does not answer')
    return told.answer
  }
}
