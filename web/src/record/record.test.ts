import { expect, test, vi } from 'vitest'
import { evolve, visible } from '../marks/sheet'
import type { Playback, PlayedEvent, Recorded, Sheet } from '../protocol/types'
import { appearancesOf, seen } from './appearances'
import { Files } from './files'
import { isActive, Keeper, type Playing, steer } from './keeper'
import { faster, wish } from './keys'
import { afterGap, beside, current, found, gapsOf, type Kind, momentsOf } from './moments'

const SINCE = 1000

const draw = (surface: string): PlayedEvent['event'] => ({
  type: 'drawn',
  surface,
  tool: 'pen',
  colour: 'red',
  points: 'oGoGg0Hg0H',
  words: '',
  name: '李示例',
})
const say = (text: string): PlayedEvent['event'] => ({
  type: 'said',
  actor: 'li',
  name: '李示例',
  role: 'officer',
  text,
})

/** A record with these events: stream, position, event. */
function record(
  ...events: [stream: 'visit' | 'marks' | 'papers', position: number, event: PlayedEvent['event']][]
): Playback {
  const versions: Record<string, number> = {}
  return {
    visit: 'v1',
    since: SINCE,
    seconds: 300,
    spans: [
      { begin: 0, end: 100 },
      { begin: 130, end: 300 },
    ],
    events: events.map(([stream, position, event]) => {
      versions[stream] = (versions[stream] ?? 0) + 1
      const version = versions[stream]
      return { stream: `${stream}:v1`, version, at: SINCE + position, by: 'li', event, removed: null }
    }),
  } as unknown as Playback
}

test('a mark is seen from when it was drawn until it was erased, and again when it came back', () => {
  const marks = appearancesOf(
    record(
      ['marks', 10, draw('still:1')],
      ['marks', 12, draw('still:1')],
      ['marks', 20, { type: 'erased', mark: 1 }],
      ['marks', 30, { type: 'redrawn', mark: 1 }],
      ['marks', 40, { type: 'cleared', surface: 'still:1' }],
    ),
  )
  const at = (position: number): number[] => seen(marks, 'still:1', position).map((mark) => mark.id)
  expect(at(9.9)).toEqual([])
  expect(at(10)).toEqual([1])
  expect(at(15)).toEqual([1, 2])
  expect(at(20)).toEqual([2])
  expect(at(30)).toEqual([2, 1])
  expect(at(40)).toEqual([])
  expect(seen(marks, 'still:2', 15)).toEqual([])
})

test('what is seen at any moment is what those who took part have seen', () => {
  const playback = record(
    ['marks', 10, draw('share:5')],
    ['marks', 50, draw('share:5')],
    ['marks', 60, { type: 'erased', mark: 1 }],
    ['marks', 90, { type: 'redrawn', mark: 1 }],
    ['marks', 160, draw('share:9')],
    ['marks', 165, { type: 'cleared', surface: 'share:5' }],
  )
  const marks = appearancesOf(playback)
  for (let position = 0.5; position < 300; position += 1) {
    let sheet: Sheet = { visit: 'v1', version: 0, bytes: 0, marks: [], refs: [] }
    for (const told of playback.events)
      if (told.at <= SINCE + position) sheet = evolve(sheet, { ...told, ref: '' } as Recorded)
    for (const surface of ['share:5', 'share:9']) {
      const then = visible(sheet, surface, SINCE + position).map((mark) => mark.id)
      const now = seen(marks, surface, position).map((mark) => mark.id)
      expect(now.sort(), `${surface} at ${position}`).toEqual(then.sort())
    }
  }
})

test('moments are found by every word that was typed, and by kind', () => {
  const moments = momentsOf(
    record(
      ['visit', 5, say('请出示 身份证')],
      ['visit', 7, say('Thank you')],
      ['marks', 6, draw('share:5')],
      ['visit', -20, { type: 'step_reached', desk: 'city', passed: [], until: null }],
    ),
  )
  expect(moments.map((one) => one.position)).toEqual([-20, 5, 6, 7])
  const words = ({ told: { event } }: (typeof moments)[number]): string => ('text' in event ? event.text : event.type)
  const looked = (typed: string, ...kinds: Kind[]): number[] =>
    found(moments, words, typed, new Set(kinds)).map((one) => one.position)
  expect(looked('')).toEqual([-20, 5, 6, 7])
  expect(looked('身份证 出示')).toEqual([5])
  expect(looked('thank')).toEqual([7])
  expect(looked('nobody said this')).toEqual([])
  expect(looked('', 'marks')).toEqual([6])
  expect(looked('', 'marks', 'talk')).toEqual([5, 6, 7])
  expect(current(moments, 6.5)?.position).toBe(6)
  expect(beside(moments, 6, 1)?.position).toBe(7)
  expect(beside(moments, 6, -1)?.position).toBe(5)
  expect(beside(moments, 5, -1)).toBeUndefined()
})

test('what was not recorded is passed over, and drawn as a gap', () => {
  const playback = record()
  expect(afterGap(playback, 50)).toBeUndefined()
  expect(afterGap(playback, 100.1)).toBe(130)
  expect(afterGap(playback, 130)).toBeUndefined()
  expect(gapsOf(playback)).toEqual([{ begin: 100, end: 130 }])
  expect(afterGap({ ...playback, spans: [{ begin: 0, end: 100 }] }, 150)).toBe(300)
  expect(afterGap({ ...playback, spans: [] }, 150)).toBeUndefined()
})

test('a file that is a little late is made a little faster, one that is far off is set', () => {
  const on = (position: number, at: number) => steer({ position, seeking: false }, at, 1, true)
  expect(on(10, 10)).toEqual({ set: false, rate: 1, runs: true })
  expect(on(10, 10.06).rate).toBeCloseTo(1.03)
  expect(on(10.06, 10).rate).toBeCloseTo(0.97)
  expect(on(10, 10.29).rate).toBeCloseTo(1.06)
  expect(on(10, 10.5)).toEqual({ set: true, rate: 1, runs: true })
  expect(steer({ position: 10, seeking: false }, 10.1, 1, false)).toEqual({ set: true, rate: 1, runs: false })
  expect(steer({ position: 3, seeking: true }, 10, 2, true)).toEqual({ set: false, rate: 2, runs: false })
  expect(isActive({ begin: 5, end: 8 }, 4)).toBe(false)
  expect(isActive({ begin: 5, end: 8 }, 5)).toBe(true)
  expect(isActive({ begin: 5, end: 8 }, 8)).toBe(false)
})

/** What a keeper needs of a media element. */
class FakeElement {
  currentTime = 0
  playbackRate = 1
  paused = true
  ended = false
  seeking = false
  readyState = 4
  play(): Promise<void> {
    this.paused = false
    return Promise.resolve()
  }
  pause(): void {
    this.paused = true
  }
}

function room(seconds = 100, over: (position: number) => number | undefined = () => undefined) {
  vi.stubGlobal('HTMLMediaElement', { HAVE_METADATA: 1, HAVE_FUTURE_DATA: 3 })
  let now_ms = 0
  const keeper = new Keeper(seconds, over, () => now_ms)
  const elements: FakeElement[] = []
  return {
    keeper,
    file(begin: number, end: number, leads = false): FakeElement {
      const element = new FakeElement()
      keeper.add({ element, begin, end, leads } as unknown as Playing)
      elements.push(element)
      return element
    },
    /** Time passes; what plays goes on. */
    pass(ms: number): void {
      for (let passed = 0; passed < ms; passed += 40) {
        now_ms += 40
        for (const one of elements) if (!one.paused) one.currentTime += 0.04 * one.playbackRate
        keeper.tick()
      }
    },
  }
}

test('files keep together, and all wait for one that has no data', () => {
  const { keeper, file, pass } = room()
  const [voice, face] = [file(0, 90), file(10, 90)]
  keeper.play()
  pass(5000)
  expect(keeper.state.position).toBeCloseTo(5, 1)
  expect([voice.paused, face.paused]).toEqual([false, true])
  pass(6000)
  expect(face.paused).toBe(false)
  expect(Math.abs(face.currentTime - keeper.state.position)).toBeLessThan(0.1)
  face.readyState = 2
  pass(1000)
  const stood = keeper.state.position
  expect([voice.paused, face.paused, keeper.state.waiting]).toEqual([true, true, true])
  pass(3000)
  expect(keeper.state.position).toBe(stood)
  face.readyState = 4
  keeper.setRate(2)
  pass(1000)
  expect(keeper.state.position).toBeCloseTo(stood + 2, 0)
  expect(keeper.state.waiting).toBe(false)
})

test('a film leads, and the clock stands where it stood while it is loaded anew', () => {
  const { keeper, file, pass } = room()
  const film = file(0, 100, true)
  keeper.seek(30)
  keeper.play()
  pass(2000)
  expect(keeper.state.position).toBeCloseTo(32, 1)
  Object.assign(film, { readyState: 0, currentTime: 0, paused: true })
  pass(400)
  expect(keeper.state.position).toBeCloseTo(32, 1)
})

test('playing passes over what was not recorded, and ends at the end', () => {
  const { keeper, file, pass } = room(10, (position) => (position > 3 && position < 7 ? 7 : undefined))
  file(0, 10)
  keeper.play()
  pass(4000)
  expect(keeper.state.position).toBeGreaterThan(7)
  pass(4000)
  expect([keeper.state.position, keeper.state.playing]).toEqual([10, false])
  keeper.play()
  expect(keeper.state.position).toBe(0)
})

test('tickets that are over are renewed once for all files, fresh ones are not blamed', async () => {
  let [now_ms, asked] = [0, 0]
  const files = new Files(
    async () => {
      asked += 1
      return { until: 0, files: [{ sha256: 'a', url: `/a?${asked}` }] }
    },
    () => now_ms,
  )
  expect(await Promise.all([files.renew(), files.renew()])).toEqual([true, true])
  expect([asked, files.url('a')]).toEqual([1, '/a?1'])
  expect(await files.renew()).toBe(false)
  now_ms = 300_000
  expect(await files.renew()).toBe(true)
  expect([asked, files.url('a')]).toEqual([2, '/a?2'])
})

test('keys do what is written, and nothing while somebody types', () => {
  const press = (key: string, place: 'words' | 'button' | 'page' = 'page', more = {}) =>
    wish({ key, ctrlKey: false, metaKey: false, altKey: false, ...more }, place)
  expect(press(' ')).toEqual({ do: 'play' })
  expect(press(' ', 'button')).toBeUndefined()
  expect(press('k', 'button')).toEqual({ do: 'play' })
  expect(press('k', 'words')).toBeUndefined()
  expect(press('f', 'page', { ctrlKey: true })).toBeUndefined()
  expect(press('ArrowRight')).toEqual({ do: 'step', seconds: 5 })
  expect(press('/')).toEqual({ do: 'search' })
  expect([faster(1, 1), faster(1, -1), faster(2, 1), faster(0.5, -1)]).toEqual([1.25, 0.75, 2, 0.5])
})
