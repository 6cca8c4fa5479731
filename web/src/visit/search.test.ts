import { threadCpuUsage } from 'node:process'
import { expect, test } from 'vitest'
import type { Matter } from '../protocol/types'
import { MatterIndex } from './search'
import fixture from './search.fixture.json'

const matters = fixture.matters as Matter[]
const index = new MatterIndex(matters)

test.each(fixture.cases)('$typed finds what the server finds, in its order', ({ typed, codes }) => {
  expect(
    index
      .find(typed)
      .slice(0, fixture.limit)
      .map((one) => one.code),
  ).toEqual(codes)
})

test('nothing typed is everything', () => {
  expect(index.find(' ')).toHaveLength(matters.length)
})

test('ten thousand matters are searched in less than 50 ms', { timeout: 60_000 }, () => {
  const many = Array.from({ length: 10_000 }, (_, n): Matter => {
    const one = matters[n % matters.length] as Matter
    return { ...one, code: `${one.code}-${n}`, name: `${one.name}${n}`, pinyin: one.pinyin.replace(' /', ' 1 /') }
  })
  const large = new MatterIndex(many)
  for (const typed of ['医保卡丢了', '登记', 'yibk', 'shengfenzhen', 'lost card', 'qqqqqqqqqq']) {
    // Of the processor, and the best of some: other programs of the machine are not what is measured.
    const took = Array.from({ length: 5 }, () => {
      const begin = threadCpuUsage()
      large.find(typed)
      const { user, system } = threadCpuUsage(begin)
      return (user + system) / 1000
    })
    expect(Math.min(...took), typed).toBeLessThan(50)
  }
})
