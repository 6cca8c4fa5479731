import { expect, test } from 'vitest'
import type { Task } from '../protocol/types'
import { byTime, cameUp } from './duties'

function task(id: string, kind: Task['kind'], due_at: number, deadline: number, state: Task['state'] = 'open'): Task {
  return { id, kind, due_at, deadline, state } as Task
}

const CALL = task('call', 'call_back', 0, 9000)
const LATE = task('late', 'message', 0, 100)
const AGAIN = task('again', 'call_back', 3000, 9000)
const COMING = task('coming', 'appointment', 5000, 6800)
const ids = (tasks: Task[]): string[] => tasks.map((one) => one.id)

test('what can be done now stands first, the next deadline first; what has its time stands apart', () => {
  const { due, later } = byTime([COMING, CALL, AGAIN, LATE], 1000)
  expect([ids(due), ids(later)]).toEqual([
    ['late', 'call'],
    ['again', 'coming'],
  ])
})

test('an appointment comes up a quarter of an hour before, a second try at its time', () => {
  expect(ids(byTime([AGAIN, COMING], 2999).due)).toEqual([])
  expect(ids(byTime([AGAIN, COMING], 3000).due)).toEqual(['again'])
  expect(ids(byTime([AGAIN, COMING], 4100).due)).toEqual(['coming', 'again'])
})

test('who is at it keeps it among the first', () => {
  expect(ids(byTime([{ ...AGAIN, state: 'taken' }], 0).due)).toEqual(['again'])
})

test('it is told once: when its time comes, and neither before nor for what is new', () => {
  const before = byTime([AGAIN, COMING], 2999)
  const after = byTime([AGAIN, COMING, CALL], 3000)
  expect(ids(cameUp(before.later, after.due))).toEqual(['again'])
  expect(cameUp(after.later, byTime([AGAIN, COMING, CALL], 3001).due)).toEqual([])
})
