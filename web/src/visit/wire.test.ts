import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ServerMessage } from '../protocol/types'
import { type Link, PATIENCE_MS, SILENCE_MS, Wire } from './wire'

/** The server's end of a socket: what was said to it, and a mouth. */
class FakeSocket {
  static readonly OPEN = 1
  static all: FakeSocket[] = []
  readyState = FakeSocket.OPEN
  said: { type: string; ref?: string; resume?: string }[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: (() => void) | null = null
  onerror: (() => void) | null = null

  constructor() {
    FakeSocket.all.push(this)
  }

  send(text: string): void {
    this.said.push(JSON.parse(text))
  }

  close(): void {
    this.readyState = 3
  }

  tell(message: Partial<ServerMessage>): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }

  welcome(resumed = false): void {
    this.onopen?.()
    this.tell({ type: 'welcome', seq: '7', now: 0, resumed, visits: [], shifts: [] } as Partial<ServerMessage>)
  }
}

const last = (): FakeSocket => FakeSocket.all.at(-1) as FakeSocket
const said = (type: string) => last().said.filter((one) => one.type === type)

let wire: Wire
let links: Link[]

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeSocket)
  FakeSocket.all = []
  links = []
  wire = new Wire(
    'ws://window/ws',
    'token',
    { message: () => undefined, link: (link) => links.push(link) },
    (tick) => {
      const timer = setInterval(tick, 1000)
      return () => clearInterval(timer)
    },
    () => Date.now(),
  )
  wire.connect()
})

afterEach(() => {
  wire.close()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a command waits for the welcome and is answered once', async () => {
  const answer = wire.do({ type: 'hold' }, 'v1')
  expect(said('do')).toEqual([])
  last().welcome()
  const [{ ref = '' } = {}] = said('do')
  last().tell({ type: 'done', ref, visit: 'v1' })
  last().tell({ type: 'refused', ref, code: 'conflict', text: '' })
  expect(await answer).toEqual({ ok: true, text: 'v1' })
})

test('a command unanswered when the socket drops is said again, with the same ref, after the next welcome', async () => {
  last().welcome()
  const answer = wire.do({ type: 'say', text: '您好' }, 'v1')
  const [first] = said('do')
  last().onclose?.()
  await vi.advanceTimersByTimeAsync(300)
  expect(FakeSocket.all.length).toBe(2)
  last().welcome(true)
  expect(said('hello')[0]?.resume).toBe('7')
  expect(said('do')).toEqual([first])
  last().tell({ type: 'done', ref: first?.ref ?? '', visit: '' })
  expect((await answer).ok).toBe(true)
  expect(links).toEqual(['connecting', 'open', 'lost', 'lost', 'open'])
})

test('refused as unavailable is tried again, until patience is over', async () => {
  last().welcome()
  const answer = wire.do({ type: 'accept' }, 'v1')
  const [first] = said('do')
  for (let elapsed = 0; elapsed <= PATIENCE_MS; elapsed += 2000) {
    last().tell({ type: 'refused', ref: first?.ref ?? '', code: 'unavailable', text: '' })
    await vi.advanceTimersByTimeAsync(2000)
  }
  expect(await answer).toEqual({ ok: false, code: 'unavailable' })
  expect(said('do').length).toBeGreaterThan(5)
  expect(new Set(said('do').map((one) => one.ref)).size).toBe(1)
})

test('a silent server is dropped and called again', async () => {
  last().welcome()
  await vi.advanceTimersByTimeAsync(SILENCE_MS - 2000)
  expect(said('ping').length).toBeGreaterThan(0)
  expect(FakeSocket.all.length).toBe(1)
  await vi.advanceTimersByTimeAsync(5000)
  expect(FakeSocket.all.length).toBeGreaterThan(1)
})

test('opened elsewhere: it stops, and can be taken over', async () => {
  last().welcome()
  last().tell({ type: 'goodbye', code: 'superseded', text: '' })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(FakeSocket.all.length).toBe(1)
  expect(links.at(-1)).toBe('superseded')
  wire.connect()
  last().welcome()
  expect(links.at(-1)).toBe('open')
})

test('what the server could not understand is not said to it again', async () => {
  last().welcome()
  const answer = wire.do({ type: 'end' }, 'v1')
  last().tell({ type: 'goodbye', code: 'bad_request', text: '' })
  expect(await answer).toEqual({ ok: false, code: 'bad_request' })
  await vi.advanceTimersByTimeAsync(500)
  last().welcome()
  expect(said('do')).toEqual([])
})
