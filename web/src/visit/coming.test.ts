import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type EffectScope, effectScope, nextTick, ref } from 'vue'
import { AGAIN_MS, useComing } from './coming'

let scope: EffectScope

beforeEach(() => {
  vi.useFakeTimers()
  scope = effectScope()
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

test('what fails is asked for again until it is there', async () => {
  const read = vi
    .fn<(of: string) => Promise<string>>()
    .mockRejectedValueOnce(new Error('offline'))
    .mockResolvedValue('A1')
  const found = scope.run(() => useComing(() => 'one', read))
  await vi.advanceTimersByTimeAsync(0)
  expect(found?.value).toBeUndefined()
  await vi.advanceTimersByTimeAsync(AGAIN_MS)
  expect(found?.value).toBe('A1')
  expect(read).toHaveBeenCalledTimes(2)
})

test('of another, nothing is shown that came for the one before, however late it comes', async () => {
  const visit = ref('one')
  let late: (text: string) => void = () => {}
  const read = vi.fn((of: string) =>
    of === 'one'
      ? new Promise<string>((come) => {
          late = come
        })
      : Promise.resolve('ticket of two'),
  )
  const found = scope.run(() => useComing(() => visit.value, read))
  visit.value = 'two'
  await nextTick()
  await vi.advanceTimersByTimeAsync(0)
  expect(found?.value).toBe('ticket of two')
  late('ticket of one')
  await vi.advanceTimersByTimeAsync(0)
  expect(found?.value).toBe('ticket of two')
  visit.value = 'one'
  await nextTick()
  expect(found?.value).toBeUndefined()
})

test('whoever has left asks no more', async () => {
  const read = vi.fn<(of: string) => Promise<string>>().mockRejectedValue(new Error('offline'))
  scope.run(() => useComing(() => 'one', read))
  await vi.advanceTimersByTimeAsync(0)
  scope.stop()
  await vi.advanceTimersByTimeAsync(10 * AGAIN_MS)
  expect(read).toHaveBeenCalledTimes(1)
})

test('it is read again when something else has changed, and what was there stays until then', async () => {
  const state = ref('live')
  const read = vi.fn((_of: string) => Promise.resolve(state.value))
  const found = scope.run(() => useComing(() => 'one', read, [state]))
  await vi.advanceTimersByTimeAsync(0)
  state.value = 'closed'
  expect(found?.value).toBe('live')
  await nextTick()
  await vi.advanceTimersByTimeAsync(0)
  expect(found?.value).toBe('closed')
})
