import { expect, test } from 'vitest'
import { endsOf } from './ends'

test('until 18:00 in Shanghai is offered in the day, and not when it is nearly there or over', () => {
  const noon = Date.UTC(2026, 10, 23, 4) / 1000
  expect(endsOf(noon).at(-1)).toEqual({ name: 'evening', until: noon + 6 * 3600 })
  expect(endsOf(noon + 6 * 3600 - 60).map((one) => one.name)).not.toContain('evening')
  expect(endsOf(noon + 7 * 3600).map((one) => one.name)).not.toContain('evening')
  expect(endsOf(noon - 11 * 3600).at(-1)?.until).toBe(noon + 6 * 3600)
})
