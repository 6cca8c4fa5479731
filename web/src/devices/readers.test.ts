import { expect, test } from 'vitest'
import { effectScope, nextTick, ref, shallowRef } from 'vue'
import type { Device } from '../protocol/types'
import type { Asked, Bridge, Found, Wish } from './bridge'
import { type Read, useReaders } from './readers'

const CARD = { number: '110101190001011009', name: '王示例', valid_until: '', photo: '' }

/** A kiosk with both readers: what was asked of them, what the page made of it, and hands that answer. */
function kiosk(useful: (read: Read) => boolean = () => true) {
  const asked: { wish: Wish; answer: (found: object) => void; stopped: boolean }[] = []
  const devices = ref<Device[]>([
    { kind: 'card_reader', name: '', state: 'ready' },
    { kind: 'code_reader', name: '', state: 'ready' },
  ])
  const bridge = {
    has: (kind: string) => devices.value.some((one) => one.kind === kind && one.state === 'ready'),
    look: () => undefined,
    ask: (wish: Wish): Asked => {
      let answer: (found: Found) => void = () => undefined
      const promise = new Promise<Found>((resolve) => {
        answer = resolve
      })
      const one = { wish, answer: (found: object) => answer({ ref: '1', ...found } as Found), stopped: false }
      asked.push(one)
      return { answer: promise, stop: () => (one.stopped = true) }
    },
  } as unknown as Bridge
  const wanted = ref<'person' | 'business' | undefined>('person')
  const taken: Read[] = []
  const faults: string[] = []
  const scope = effectScope()
  scope.run(() =>
    useReaders(
      shallowRef(bridge),
      () => wanted.value,
      async (read) => {
        taken.push(read)
        return useful(read)
      },
      (code) => code && faults.push(code),
    ),
  )
  const settle = () => new Promise((resolve) => setTimeout(resolve))
  return { asked, taken, faults, wanted, devices, scope, settle }
}

test('card and code are waited for at once, and what comes first ends both', async () => {
  const { asked, taken, settle } = kiosk()
  expect(asked.map((one) => one.wish.type)).toEqual(['read_card', 'read_code'])
  asked[0]?.answer({ type: 'card_read', ...CARD })
  asked[1]?.answer({ type: 'code_read', code: 'late' })
  await settle()
  expect(taken.map((one) => one.type)).toEqual(['card_read'])
  expect(asked[1]?.stopped).toBe(true)
  expect(asked).toHaveLength(2)
})

test('a card of no use is not read again where it lies, and the code goes on being waited for', async () => {
  const { asked, taken, faults, settle } = kiosk((read) => read.type === 'code_read')
  asked[0]?.answer({ type: 'device_failed', code: 'unreadable', text: '' })
  await settle()
  expect(faults).toEqual(['unreadable'])
  asked[2]?.answer({ type: 'card_read', ...CARD })
  await settle()
  asked[3]?.answer({ type: 'device_failed', code: 'nothing_shown', text: '' })
  await settle()
  expect(asked.slice(2).map((one) => one.wish)).toMatchObject(Array(3).fill({ type: 'read_card', another: true }))
  expect(asked[1]?.stopped).toBe(false)
  asked[1]?.answer({ type: 'code_read', code: 'good' })
  await settle()
  expect(taken.map((one) => one.type)).toEqual(['card_read', 'code_read'])
  expect(asked[4]?.stopped).toBe(true)
})

test('a code that was refused is sent once, however long the telephone is held there', async () => {
  const { asked, taken, settle } = kiosk(() => false)
  for (const at of [1, 2, 3]) {
    asked[at]?.answer({ type: 'code_read', code: 'over' })
    await settle()
  }
  expect(taken).toHaveLength(1)
  asked[4]?.answer({ type: 'code_read', code: 'fresh' })
  await settle()
  expect(taken).toHaveLength(2)
})

test('a reader that is plugged in again reads again; nothing is read when nothing is asked for', async () => {
  const { asked, wanted, devices, faults, settle } = kiosk()
  devices.value = devices.value.map((one) => ({ ...one, state: 'unplugged' as const }))
  asked[0]?.answer({ type: 'device_failed', code: 'unplugged', text: '' })
  await settle()
  expect(faults).toEqual(['unplugged'])
  devices.value = devices.value.map((one) => ({ ...one, state: 'ready' as const }))
  await nextTick()
  expect(asked.slice(2).map((one) => one.wish.type)).toEqual(['read_card', 'read_code'])
  wanted.value = 'business'
  await nextTick()
  expect(asked[2]?.stopped).toBe(true)
  wanted.value = undefined
  await nextTick()
  expect(asked[3]?.stopped).toBe(true)
  expect(asked).toHaveLength(4)
  expect(faults).toEqual(['unplugged'])
})
