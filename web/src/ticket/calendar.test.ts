import { expect, test } from 'vitest'
import { calendar } from './calendar'

const ENTRY = {
  id: 't1',
  at: Date.UTC(2026, 10, 30, 2, 30) / 1000,
  title: '预约：社保卡, 远程窗口',
  text: '凭号 A012；到任何一台窗口机\n优先接待。'.repeat(3),
  place: '浦东新区综合窗口',
}

test('a calendar reads when it is, reminds the day before and half an hour before', () => {
  const lines = calendar(ENTRY, 0).split('\r\n')
  expect(lines).toContain('DTSTART:20261130T023000Z')
  expect(lines).toContain('DTEND:20261130T030000Z')
  expect(lines).toContain('UID:t1@rvw')
  expect(lines.filter((one) => one.startsWith('TRIGGER'))).toEqual(['TRIGGER:-P1D', 'TRIGGER:-PT30M'])
})

test('what would end a value is escaped, and no line is longer than calendars take', () => {
  const file = calendar(ENTRY, 0)
  const lines = file.split('\r\n')
  expect(lines).toContain('SUMMARY:预约：社保卡\\, 远程窗口')
  expect(file.endsWith('END:VCALENDAR\r\n')).toBe(true)
  for (const line of lines) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75)
  const whole = file.replaceAll('\r\n ', '')
  expect(whole).toContain(`DESCRIPTION:${ENTRY.text.replaceAll('\n', '\\n')}`)
})
