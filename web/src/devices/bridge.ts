/* The page's side of the device bridge on the kiosk's own machine (web/DEVICES.md). Each request is answered once; while the
   bridge is away, requests are answered `unplugged` at once and it is looked for again. */

import { reactive } from 'vue'
import type { BridgeToPage, Device, DeviceFailed, PageToBridge } from '../protocol/types'
import { Backoff } from '../visit/backoff'

const VERSION = 1

type Asking = Exclude<PageToBridge, { type: 'attach' | 'stop' }>
/** A request without the name that the bridge gives it back by. */
export type Wish = Asking extends infer One ? (One extends { ref: string } ? Omit<One, 'ref'> : never) : never
export type Found = Exclude<BridgeToPage, { type: 'attached' | 'device_changed' }>

export interface Asked {
  answer: Promise<Found>
  /** Do not wait any longer: it is answered `stopped`. */
  stop: () => void
}

export class Bridge {
  readonly known = reactive({ attached: false, devices: [] as Device[] })
  private socket: WebSocket | undefined
  private readonly waiting = new Map<string, (found: Found) => void>()
  // Browsers write every refused connection into the console: a kiosk whose bridge is away for good is not to fill it.
  private readonly backoff = new Backoff(2_000, 600_000)
  private timer: ReturnType<typeof setTimeout> | undefined
  private count = 0
  private over = false

  constructor(private readonly url: string) {
    if (url) this.connect()
    else this.over = true
  }

  /** Whether a device is there and in order. */
  has(kind: Device['kind']): boolean {
    return this.known.devices.some((one) => one.kind === kind && one.state === 'ready')
  }

  /** Look for a bridge that is away now, rather than when it is time: somebody needs it. */
  look(): void {
    if (this.over || this.timer === undefined) return
    clearTimeout(this.timer)
    this.timer = undefined
    this.connect()
  }

  ask(wish: Wish): Asked {
    const ref = `${++this.count}`
    const answer = new Promise<Found>((resolve) => {
      if (!this.known.attached) return resolve(failed(ref))
      this.waiting.set(ref, resolve)
      this.send({ ...wish, ref } as Asking)
    })
    return { answer, stop: () => this.waiting.has(ref) && this.send({ type: 'stop', ref }) }
  }

  end(): void {
    this.over = true
    clearTimeout(this.timer)
    this.socket?.close()
    this.lose()
  }

  private connect(): void {
    const socket = new WebSocket(this.url)
    this.socket = socket
    socket.onopen = () => this.send({ type: 'attach', version: VERSION })
    socket.onmessage = (event: MessageEvent<string>) => this.take(JSON.parse(event.data) as BridgeToPage)
    socket.onclose = () => {
      this.lose()
      if (!this.over) this.timer = setTimeout(() => this.look(), this.backoff.next_ms())
    }
  }

  private take(message: BridgeToPage): void {
    switch (message.type) {
      case 'attached':
        if (message.version !== VERSION)
          return console.warn('the device bridge speaks another version', message.version)
        this.backoff.reset()
        Object.assign(this.known, { attached: true, devices: message.devices })
        return
      case 'device_changed':
        this.known.devices = this.known.devices.map((one) => (one.kind === message.device.kind ? message.device : one))
        return
      default:
        this.waiting.get(message.ref)?.(message)
        this.waiting.delete(message.ref)
    }
  }

  private lose(): void {
    Object.assign(this.known, { attached: false, devices: [] })
    for (const [ref, resolve] of this.waiting) resolve(failed(ref))
    this.waiting.clear()
  }

  private send(message: PageToBridge): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }
}

function failed(ref: string): DeviceFailed {
  return { type: 'device_failed', ref, code: 'unplugged', text: 'there is no device bridge' }
}
