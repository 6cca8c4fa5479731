import { expect, test, vi } from 'vitest'
import { shallowReactive } from 'vue'
import type { Visit } from '../protocol/types'
import type { Peer } from '../visit/peer'
import { Journey } from './journey'

vi.mock('../ui/display', () => ({ residentDefaults: () => undefined }))

/** A kiosk whose store holds these visits. */
function kiosk(...visits: Visit[]) {
  const held = shallowReactive(new Map(visits.map((one) => [one.id, one])))
  const peer = {
    store: { visits: held, known: { you: { id: 'kiosk-1' } } },
    self: { release: () => undefined },
  } as unknown as Peer
  return { held, journey: new Journey(peer) }
}

const visit = (id: string, state: Visit['state'], opened_at = 1): Visit =>
  ({ id, state, opened_at, kiosk: 'kiosk-1' }) as Visit

test('a visit in the queue takes the screen, wherever one was', () => {
  const { journey } = kiosk(visit('v1', 'waiting'))
  expect(journey.screen.value).toBe('waiting')
})

test('a visit that was over before the page was opened is not shown to the next resident', () => {
  const { journey } = kiosk(visit('v1', 'closed'), visit('v2', 'wrapping'))
  expect(journey.screen.value).toBe('welcome')
})

test('one that this page was in ends with a farewell, until the next resident', () => {
  const { held, journey } = kiosk(visit('v1', 'live'))
  held.set('v1', visit('v1', 'closed'))
  expect(journey.screen.value).toBe('farewell')
  journey.restart()
  expect(journey.screen.value).toBe('welcome')
})

test('one that ended while the line was down ends with a word, not with somebody else’s question', () => {
  const { held, journey } = kiosk(visit('v1', 'live'))
  held.delete('v1')
  expect(journey.screen.value).toBe('farewell')
  expect(journey.visit.value?.close_reason).toBe('lost')
  journey.restart()
  expect(journey.screen.value).toBe('welcome')
})

test('the newest visit is the one on the screen', () => {
  const { held, journey } = kiosk(visit('v1', 'live'))
  held.set('v1', visit('v1', 'wrapping'))
  held.set('v2', visit('v2', 'waiting', 2))
  expect(journey.visit.value?.id).toBe('v2')
})

test('a visit that goes on at another kiosk leaves a calm word, and the kiosk free', () => {
  const { held, journey } = kiosk(visit('v1', 'live'))
  held.set('v1', { ...visit('v1', 'live'), kiosk: 'kiosk-2' })
  held.delete('v1')
  expect(journey.screen.value).toBe('moved')
  journey.restart()
  expect(journey.screen.value).toBe('welcome')
})

test('and comes back when the resident does', () => {
  const { held, journey } = kiosk(visit('v1', 'waiting'))
  held.set('v1', { ...visit('v1', 'waiting'), kiosk: 'kiosk-2' })
  held.delete('v1')
  held.set('v1', visit('v1', 'waiting'))
  expect(journey.screen.value).toBe('waiting')
})
