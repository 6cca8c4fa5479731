import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LAYOUT } from '../protocol/types'
import type { Media } from './media'
import { watchSound } from './patience'

const VOICE = LAYOUT.findIndex((one) => one.name === 'voice1' && one.direction === 'in')
const receiver: { jitterBufferTarget: number | null } = { jitterBufferTarget: null }
let asked = 0

const media = {
  status: { state: 'connected' },
  pc: {
    getStats: async () => new Map([['a', { type: 'inbound-rtp', kind: 'audio', mid: `${VOICE}`, nackCount: asked }]]),
  },
  transceiver: (name: string) => (name === 'voice1' ? { receiver } : undefined),
} as unknown as Media

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('sound is played later while packets are lost, and soon again after twenty calm seconds', async () => {
  const end = watchSound(media)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(receiver.jitterBufferTarget).toBe(null)
  asked = 5
  await vi.advanceTimersByTimeAsync(2_000)
  expect(receiver.jitterBufferTarget).toBe(140)
  asked = 6
  await vi.advanceTimersByTimeAsync(18_000)
  expect(receiver.jitterBufferTarget).toBe(140)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(receiver.jitterBufferTarget).toBe(null)
  end()
  asked = 50
  await vi.advanceTimersByTimeAsync(10_000)
  expect(receiver.jitterBufferTarget).toBe(null)
})
