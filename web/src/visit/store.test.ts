import { beforeEach, expect, test, vi } from 'vitest'
import type { Recorded, ServerMessage, Session, Visit, Welcome } from '../protocol/types'
import fixture from './fold.fixture.json'
import { Store } from './store'

const [scene] = fixture.filter((one) => one.name === 'a whole visit with everything')
const history = (scene?.events ?? []) as unknown as Recorded[]
const whole = scene?.after as unknown as Visit
const you = {
  id: 'kiosk-1',
  role: 'kiosk' as const,
  name: '一号终端',
  authority: 'pudong',
  hall: '',
  desks: [],
  languages: ['zh'],
  oversees: [],
  skills: [],
  halls: [],
}
const session: Session = { token: 't', actor: you, expires_at: 9e9 }
const connected = vi.fn()

const welcome = (visits: Visit[], resumed = false): Welcome => ({
  type: 'welcome',
  you,
  seq: '1',
  now: 1000,
  resumed,
  visits,
  shifts: [],
  notices: [],
})
const happened = (recorded: Recorded): ServerMessage => ({ type: 'happened', seq: '2', recorded })

let store: Store

beforeEach(() => {
  connected.mockReset()
  vi.stubGlobal('WebSocket', connected)
  store = new Store(session, 'ws://window/ws', () => () => undefined)
})

test('events after an empty welcome make the visit the server has', () => {
  store.apply(welcome([]))
  for (const one of history) store.apply(happened(one))
  expect(store.visits.get('v1')).toEqual(whole)
})

test('events that a snapshot already holds are skipped', () => {
  store.apply(welcome([whole]))
  for (const one of history) store.apply(happened(one))
  expect(store.visits.get('v1')).toEqual(whole)
})

test('a missed event asks for everything again', () => {
  vi.spyOn(console, 'warn').mockReturnValue(undefined)
  const [first, , third] = history
  if (!first || !third) throw new Error('the fixture is too short')
  store.apply(welcome([]))
  store.apply(happened(first))
  store.apply(happened(third))
  expect(connected).toHaveBeenCalledOnce()
})

test('a new snapshot replaces everything but a closed visit that somebody still looks at', () => {
  const open = { ...whole, id: 'v2', state: 'live' } as Visit
  store.apply(welcome([whole, open]))
  store.apply(welcome([]))
  expect([...store.visits.keys()]).toEqual(['v1'])
})

test('what was hidden is forgotten', () => {
  store.apply(welcome([whole]))
  store.apply({ type: 'hidden', seq: '3', visit: 'v1' })
  expect(store.visits.size).toBe(0)
})
