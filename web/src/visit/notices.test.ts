import { expect, test } from 'vitest'
import type { Recorded } from '../protocol/types'
import { current, fold, type Notices } from './notices'

function recorded(version: number, event: Recorded['event']): Recorded {
  return { stream: 'notice:pudong', version, at: 1000 + version, by: 'lead-pudong', ref: '', event }
}

function announced(version: number, until: number): Recorded {
  const said = { audience: 'both', zh: '系统维护', en: '', desk: '', until, name: '秦督导' } as const
  return recorded(version, { type: 'announced', ...said })
}

test('a notice is shown until its time is over or it is taken back, the newest first', () => {
  const notices: Notices = new Map()
  const shown = (now: number) => current(notices, now).map((one) => one.id)
  fold(notices, 'pudong', announced(1, 1100))
  fold(notices, 'pudong', announced(2, 1200))
  fold(notices, 'pudong', announced(2, 1200))
  expect(shown(1099)).toEqual([2, 1])
  expect(shown(1100)).toEqual([2])
  fold(notices, 'pudong', recorded(3, { type: 'withdrawn', notice: 2, name: '秦督导' }))
  expect(shown(1099)).toEqual([1])
})

test('two authorities may have a notice of the same number', () => {
  const notices: Notices = new Map()
  fold(notices, 'pudong', announced(1, 1100))
  fold(notices, 'shanghai', announced(1, 1100))
  fold(notices, 'pudong', recorded(2, { type: 'withdrawn', notice: 1, name: '秦督导' }))
  expect(current(notices, 1050).map((one) => one.authority)).toEqual(['shanghai'])
})
