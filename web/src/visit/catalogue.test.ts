import { expect, test } from 'vitest'
import type { CatalogueView, Desk, Matter, Region } from '../protocol/types'
import { listedMatters, regionsFor, search } from './catalogue'

const matter = (code: string, name: string, words: string, listed = true): Matter => ({
  code,
  name,
  name_en: code,
  category: '其他',
  category_en: 'Other',
  audience: 'person',
  minutes: 8,
  words,
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
  patience_s: 45,
})

const CARD = matter('card', '医保卡更换', '医保卡丢了 医保 yibaoka ybk')
const MOVE = matter('move', '居住证申领', '居住证 搬家 juzhuzheng jzz')
const PROBE = matter('probe', '巡检', '', false)
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

test.each([
  ['搬家', 'move'],
  ['医保卡丢了', 'card'],
  ['我的医保卡丢了怎么办', 'card'],
  ['ybk', 'card'],
  ['JuZhu', 'move'],
  ['医保卡更', 'card'],
])('%s finds %s first', (typed, code) => {
  expect(search([MOVE, CARD], typed)[0]?.code).toBe(code)
})

test('what nobody calls anything finds nothing', () => {
  expect(search([MOVE, CARD], '潜水')).toEqual([])
})

test('ten thousand matters are searched in less than 50 ms', () => {
  const many = Array.from({ length: 10_000 }, (_, n) => matter(`m${n}`, `事项${n}`, `词${n} shixiang sx${n} 别名${n}`))
  const begin = performance.now()
  expect(search(many, 'sx9999')[0]?.code).toBe('m9999')
  expect(performance.now() - begin).toBeLessThan(50)
})

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
