import { expect, test } from 'vitest'
import { Keys, reads } from './keys'

function listening() {
  const heard: string[] = []
  const keys = new Keys({
    key: (key) => heard.push(key),
    erase: () => heard.push('erase'),
    scanned: (text) => heard.push(`scanned ${text}`),
  })
  return { heard, type: (text: string) => [...text].map((key) => keys.hear(key)), keys }
}

test('a ticket is a letter and seven digits', () => {
  expect(reads('', 'A')).toBe(true)
  expect(['B', '0', 'a', '好'].map((key) => reads('', key))).toEqual([false, false, false, false])
  expect(reads('A', '0')).toBe(true)
  expect(reads('A', 'C')).toBe(false)
  expect(reads('A0124821', '0')).toBe(false)
})

test('a keyboard types a ticket, also one that begins as a QR code does', () => {
  const { heard, type, keys } = listening()
  type('r01')
  keys.hear('Backspace')
  expect(heard).toEqual(['R', '0', '1', 'erase'])
  expect(keys.hear('Enter')).toBe(false)
  expect(keys.hear('Tab')).toBe(false)
})

test('a reader types the whole text of a QR code, and nothing of it counts as keys', () => {
  const { heard, type, keys } = listening()
  type('rvw:01m8149t005n4e30xzy5dg4.0123456789abcdef')
  expect(heard).toEqual([])
  expect(keys.hear('Enter')).toBe(true)
  expect(heard).toEqual(['scanned rvw:01m8149t005n4e30xzy5dg4.0123456789abcdef'])
})

test('the link that telephones follow is the same ticket, and another link is none', () => {
  const { heard, type, keys } = listening()
  type('https://window.example/ticket#rvw:01m8149t005n4e30xzy5dg4.0123456789abcdef')
  expect(keys.hear('Enter')).toBe(true)
  type('https://elsewhere.example/')
  expect(keys.hear('Enter')).toBe(false)
  type('h12')
  expect(heard).toEqual(['scanned rvw:01m8149t005n4e30xzy5dg4.0123456789abcdef', 'H', '1', '2'])
})
