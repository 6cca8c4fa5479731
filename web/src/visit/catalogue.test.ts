import { expect, test } from 'vitest'
import type { CatalogueView, Desk, Matter, Region } from '../protocol/types'
import { listedMatters, regionsFor } from './catalogue'

const matter = (code: string, name: string, listed = true): Matter => ({
  code,
  name,
  name_en: code,
  category: '其他',
  category_en: 'Other',
  audience: 'person',
  minutes: 8,
  words: '',
  listed,
  pinyin: '',
  level: 'district',
  rules: '',
})
const region = (code: string, parent: string): Region => ({
  code,
  name: code,
  level: 'district',
  parent,
  kind: 'admin',
  name_en: '',
})
const desk = (id: string, at: string, matters = ['*']): Desk => ({
  id,
  authority: id,
  region: at,
  name: id,
  name_en: id,
  matters,
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
})

const CARD = matter('card', '医保卡更换')
const MOVE = matter('move', '居住证申领')
const PROBE = matter('probe', '巡检', false)
const VIEW: CatalogueView = {
  regions: [
    region('310000', ''),
    region('310110', '310000'),
    region('310115', '310000'),
    region('330000', ''),
    region('330400', '330000'),
  ],
  matters: [CARD, MOVE, PROBE],
  desks: [
    desk('shanghai', '310000'),
    desk('yangpu', '310110'),
    desk('pudong', '310115'),
    desk('jiaxing', '330400', ['card']),
    desk('probe', '310000', ['probe']),
  ],
  listed: 2,
}

test('a kiosk lists what a desk takes, and not the matter of the probe', () => {
  expect(listedMatters(VIEW).map((one) => one.code)).toEqual(['card', 'move'])
})

test('the own district is first, its neighbours next, the city last, other provinces after', () => {
  const groups = regionsFor(VIEW, CARD, 'pudong').map((one) => one.regions.map((place) => place.code))
  expect(groups).toEqual([['310115', '310110', '310000'], ['330400']])
})

test('a kiosk of a partner city sees its own city first', () => {
  expect(regionsFor(VIEW, CARD, 'jiaxing')[0]?.regions.map((place) => place.code)).toEqual(['330400'])
})

test('only places whose desk takes the matter are asked for', () => {
  expect(regionsFor(VIEW, MOVE, 'pudong').map((one) => one.top.code)).toEqual(['310000'])
})
