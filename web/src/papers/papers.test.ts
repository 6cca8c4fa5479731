import { expect, test } from 'vitest'
import type { Papers, Recorded, RulePack } from '../protocol/types'
import { checklist } from './checklist'
import { evolve } from './fold'
import fixture from './papers.fixture.json'

interface Scene {
  name: string
  pack: unknown
  events: unknown[]
  after: unknown
  checklist: unknown
}

test.each(fixture as Scene[])('$name, as the server folds it', (scene) => {
  const empty: Papers = {
    visit: 'v1',
    version: 0,
    bytes: 0,
    pages: [],
    verdicts: [],
    extras: [],
    wanted: null,
    referred: [],
    phones: [],
    notices: [],
    shown: null,
    refs: [],
  }
  const papers = (scene.events as Recorded[]).reduce(evolve, empty)
  expect(papers).toEqual(scene.after)
  expect(checklist(scene.pack as RulePack, papers)).toEqual(scene.checklist)
})
