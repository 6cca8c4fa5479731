import { expect, test } from 'vitest'
import type { Participant, Visit } from '../protocol/types'
import { invitationOf, others, watchers } from './who'

const PEOPLE: Participant[] = [
  { actor: 'kiosk-1', role: 'kiosk', name: '一号终端', seat: 0, mode: 'join' },
  { actor: 'officer-1', role: 'officer', name: '李示例', seat: 1, mode: 'join' },
  { actor: 'host-1', role: 'host', name: '陈帮办', seat: 2, mode: 'join' },
]
const visit = { participants: PEOPLE } as Visit
const faces = (self: string) => Object.fromEntries(others(visit, self).map((one) => [one.role, one.face]))

test('everybody sees the others in the slots the server binds them to', () => {
  expect(faces('kiosk-1')).toEqual({ officer: 'face1', host: 'face2' })
  expect(faces('officer-1')).toEqual({ kiosk: 'face1', host: 'face2' })
  expect(faces('host-1')).toEqual({ kiosk: 'face1', officer: 'face2' })
})

test('whoever does not take part sees nobody', () => {
  expect(others(visit, 'somebody')).toEqual([])
})

test('whoever listens or whispers is named to all the others', () => {
  const lead: Participant = { actor: 'lead-1', role: 'supervisor', name: '孙督导', seat: 3, mode: 'listen' }
  const watched = { participants: [...PEOPLE, lead] } as Visit
  expect(watchers(watched, 'kiosk-1')).toEqual([lead])
  expect(watchers(watched, 'lead-1')).toEqual([])
})

test('an invitation is for whom it names', () => {
  const asked = { participants: PEOPLE, invitations: [{ actor: 'officer-2', name: '郑示例', deadline: 60 }] } as unknown
  expect(invitationOf(asked as Visit, 'officer-2')?.deadline).toBe(60)
  expect(invitationOf(asked as Visit, 'officer-1')).toBeUndefined()
})
