import { expect, test } from 'vitest'
import { devicesOf } from './watching'

test('who listens sends nothing, who whispers a voice, who joins both', () => {
  expect(devicesOf(undefined)).toEqual([])
  expect(devicesOf('listen')).toEqual([])
  expect(devicesOf('whisper')).toEqual(['mic'])
  expect(devicesOf('join')).toEqual(['mic', 'camera'])
})
