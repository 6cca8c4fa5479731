import { expect, test } from 'vitest'
import type { Recorded, Shift, Visit } from '../protocol/types'
import { evolve, evolveShift, NotPossible } from './fold'
import fixture from './fold.fixture.json'

interface Scene {
  name: string
  kind: string
  snapshot: unknown
  events: unknown[]
  after: unknown
}

test.each(fixture as Scene[])('$kind: $name, as the server folds it', ({ kind, snapshot, events, after }) => {
  const history = events as Recorded[]
  const folded =
    kind === 'visit'
      ? history.reduce(evolve, (snapshot ?? undefined) as Visit | undefined as Visit)
      : history.reduce(evolveShift, (snapshot ?? undefined) as Shift | undefined as Shift)
  expect(folded).toEqual(after)
})

test('an event that cannot follow is an error, not a guess', () => {
  const scene = (fixture as Scene[]).find((one) => one.name === 'closed × handed_over')
  const held: Recorded = {
    stream: 'visit:v1',
    version: 99,
    at: 1,
    by: '',
    ref: '',
    event: { type: 'held', deadline: 2 },
  }
  expect(() => evolve(scene?.after as Visit, held)).toThrow(NotPossible)
})
