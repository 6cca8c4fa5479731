import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import type { CatalogueView, Matter } from '../protocol/types'
import { useMatterSearch } from './matters'
import fixture from './search.fixture.json'

const matters = fixture.matters as Matter[]
const [first, second] = matters as [Matter, Matter]
const open = {
  levels: [],
  languages: [],
  hours: [],
  lunch: '',
  counter: '',
  counter_en: '',
  phone: '',
  lunch_rota: [],
  chain: null,
  phrases: [],
  patience_s: 45,
}
const desk = { id: 'city', authority: 'city', region: '310000', name: '', name_en: '', matters: ['*'], ...open }
const view = (listed: number): CatalogueView => ({ regions: [], matters, desks: [desk], listed })

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a page that holds all matters never asks the server', async () => {
  const ask = vi.fn(async () => [second])
  const search = useMatterSearch(view(matters.length), ask)
  search.typed.value = first.name
  await nextTick()
  await vi.advanceTimersByTimeAsync(1000)
  expect(ask).not.toHaveBeenCalled()
  expect(search.found.value[0]).toBe(first)
})

test('with more matters than the page holds, its own finds come at once and the server answers after a pause', async () => {
  const ask = vi.fn(async () => [second])
  const search = useMatterSearch(view(10_000), ask)
  search.typed.value = 'x'
  await nextTick()
  search.typed.value = first.name
  expect(search.found.value[0]).toBe(first)
  await nextTick()
  await vi.advanceTimersByTimeAsync(200)
  expect(ask.mock.calls).toEqual([[first.name]])
  expect(search.found.value).toEqual([second])
})

test('what the page found stays when the server does not answer', async () => {
  const search = useMatterSearch(view(10_000), () => Promise.reject(new Error('offline')))
  search.typed.value = first.name
  await nextTick()
  await vi.advanceTimersByTimeAsync(200)
  expect(search.found.value[0]).toBe(first)
})
