/* The page's one WebSocket: says hello, keeps alive, comes back, and answers each command exactly once.

   It knows the messages' order, not their meaning: everything but the answers is handed on. A command that is unanswered
   when the socket drops is sent again, with the same `ref`, after the next welcome; the server does it once. */

import type { ClientMessage, Do, Goodbye, ServerMessage, Welcome } from '../protocol/types'
import { Backoff } from './backoff'
import type { Path } from './lineTest'
import type { Ticker } from './ticker'

export type Command = Do['command']
/** `connecting`: not welcomed yet. `lost`: was welcomed, trying again. The rest are final until `connect()`. */
export type Link = 'connecting' | 'open' | 'lost' | 'superseded' | 'not_signed_in' | 'closed'
export type Answer = { ok: true; text: string } | { ok: false; code: string }

export interface WireHandlers {
  message: (message: ServerMessage) => void
  link: (link: Link) => void
}

interface Unanswered {
  message: Extract<ClientMessage, { ref: string }>
  resolve: (answer: Answer) => void
  until_ms: number
  retry_at_ms: number
}

export const PING_MS = 5_000
export const SILENCE_MS = 12_000
/** How long a command is repeated before the person is told that it could not be confirmed. */
export const PATIENCE_MS = 60_000
const RETRY_MS = 1_000

export class Wire {
  private socket: WebSocket | undefined
  private welcomed = false
  private everWelcomed = false
  private seq = ''
  private heardAt_ms = 0
  private pingedAt_ms = 0
  private reconnectAt_ms = Number.POSITIVE_INFINITY
  private readonly unanswered = new Map<string, Unanswered>()
  private readonly backoff = new Backoff(200, 3_000)
  private endTicks: (() => void) | undefined
  private reconnectTimer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly handlers: WireHandlers,
    private readonly ticker: Ticker,
    private readonly now_ms: () => number = () => performance.now(),
  ) {}

  connect(): void {
    this.drop()
    this.endTicks ??= this.ticker(() => this.tick())
    this.handlers.link(this.everWelcomed ? 'lost' : 'connecting')
    this.heardAt_ms = this.now_ms()
    const socket = new WebSocket(this.url)
    this.socket = socket
    socket.onopen = () => this.send({ type: 'hello', token: this.token, resume: this.seq })
    socket.onmessage = (event: MessageEvent<string>) => this.receive(JSON.parse(event.data) as ServerMessage)
    socket.onclose = () => this.comeBack()
    socket.onerror = () => undefined
  }

  /** Forget what was seen and ask for everything again: an event was missed. */
  restart(): void {
    this.seq = ''
    this.connect()
  }

  close(link: Link = 'closed'): void {
    this.drop()
    this.endTicks?.()
    this.endTicks = undefined
    for (const ref of [...this.unanswered.keys()]) this.settle(ref, { ok: false, code: 'unavailable' })
    this.handlers.link(link)
  }

  /** Do a command; resolves when the server has answered, or with `unavailable` when patience is over. */
  do(command: Command, visit = ''): Promise<Answer> {
    return this.ask({ type: 'do', ref: newRef(), command, visit })
  }

  /** Say what needs no answer and may be lost. */
  mention(message: Extract<ClientMessage, { type: 'gesture' | 'typing' | 'glance' }>): void {
    if (this.welcomed) this.send(message)
  }

  /** Connect media; the answer's `text` is the SDP. */
  join(offer: string): Promise<Answer> {
    return this.ask({ type: 'join', ref: newRef(), offer })
  }

  /** Connect a test of the line, or of oneself; the answer's `text` is the SDP. */
  echo(path: Path, offer: string): Promise<Answer> {
    return this.ask({ type: 'echo', ref: newRef(), path, offer })
  }

  private ask(message: Unanswered['message']): Promise<Answer> {
    return new Promise((resolve) => {
      const until_ms = this.now_ms() + PATIENCE_MS
      this.unanswered.set(message.ref, { message, resolve, until_ms, retry_at_ms: Number.POSITIVE_INFINITY })
      if (this.welcomed) this.send(message)
    })
  }

  private send(message: ClientMessage): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  private receive(message: ServerMessage): void {
    this.heardAt_ms = this.now_ms()
    switch (message.type) {
      case 'welcome':
        return this.welcome(message)
      case 'done':
        return this.settle(message.ref, { ok: true, text: message.visit })
      case 'joined':
        return this.settle(message.ref, { ok: true, text: message.answer })
      case 'refused':
        return this.refuse(message.ref, message.code)
      case 'goodbye':
        return this.goodbye(message)
      case 'shown':
      case 'hidden':
      case 'happened':
        this.seq = message.seq
        break
    }
    this.handlers.message(message)
  }

  private welcome(message: Welcome): void {
    this.welcomed = true
    this.everWelcomed = true
    this.seq = message.seq
    this.backoff.reset()
    this.handlers.message(message)
    this.handlers.link('open')
    for (const one of this.unanswered.values()) this.send(one.message)
  }

  private refuse(ref: string, code: string): void {
    const one = this.unanswered.get(ref)
    if (one && code === 'unavailable') one.retry_at_ms = this.now_ms() + RETRY_MS
    else this.settle(ref, { ok: false, code })
  }

  private settle(ref: string, answer: Answer): void {
    this.unanswered.get(ref)?.resolve(answer)
    this.unanswered.delete(ref)
  }

  private goodbye({ code }: Goodbye): void {
    if (code === 'superseded' || code === 'not_signed_in') return this.close(code)
    // What could not be understood once is not understood the second time: do not send it again.
    if (code === 'bad_request') for (const ref of [...this.unanswered.keys()]) this.settle(ref, { ok: false, code })
    this.comeBack()
  }

  private tick(): void {
    const now = this.now_ms()
    for (const [ref, one] of this.unanswered) {
      if (one.until_ms <= now) this.settle(ref, { ok: false, code: 'unavailable' })
      else if (one.retry_at_ms <= now && this.welcomed) {
        one.retry_at_ms = Number.POSITIVE_INFINITY
        this.send(one.message)
      }
    }
    if (!this.socket) {
      if (this.reconnectAt_ms <= now) this.connect()
    } else if (now - this.heardAt_ms > SILENCE_MS) this.comeBack()
    else if (this.welcomed && now - this.pingedAt_ms >= PING_MS) {
      this.pingedAt_ms = now
      this.send({ type: 'ping' })
    }
  }

  private comeBack(): void {
    this.drop()
    this.handlers.link(this.everWelcomed ? 'lost' : 'connecting')
    const pause_ms = this.backoff.next_ms()
    this.reconnectAt_ms = this.now_ms() + pause_ms
    this.reconnectTimer = setTimeout(() => this.connect(), pause_ms)
  }

  private drop(): void {
    clearTimeout(this.reconnectTimer)
    this.welcomed = false
    this.reconnectAt_ms = Number.POSITIVE_INFINITY
    const socket = this.socket
    this.socket = undefined
    if (!socket) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }
}

/** A name for a command. `crypto.randomUUID` is missing on plain http pages, which IT staff open before TLS is set up. */
function newRef(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
