import { expect, test } from 'vitest'
import { waitOf } from './wait'

const estimate = (low_s: number, high_s: number, on_duty = 1) => ({ place: 1, low_s, high_s, on_duty })

test('without officers nothing is promised', () => {
  expect(waitOf(estimate(0, 60, 0))).toEqual({ kind: 'none' })
})

test('less than a minute is soon', () => {
  expect(waitOf(estimate(0, 60))).toEqual({ kind: 'soon' })
})

test('an interval is widened to whole minutes, never narrowed', () => {
  expect(waitOf(estimate(250, 430))).toEqual({ kind: 'between', low: 4, high: 8 })
})

test('an interval from nothing has only an end', () => {
  expect(waitOf(estimate(30, 430))).toEqual({ kind: 'within', high: 8 })
})
