/* The tasks of an officer's desks by their time: what is to be done now, and what comes later. */

import type { Task } from '../protocol/types'

/** So long before its time an appointment stands among what is to be done now: the resident may come so early. */
export const EARLY_S = 900

/** Whether the time of a task has come. Who is already at it sees it among the first, too. */
export function isDue(task: Task, now: number): boolean {
  const early = task.kind === 'appointment' ? EARLY_S : 0
  return task.state === 'taken' || task.due_at - early <= now
}

/** What is to be done now, the next deadline first, and what comes later, the next time first. */
export function byTime(tasks: Task[], now: number): { due: Task[]; later: Task[] } {
  return {
    due: tasks.filter((one) => isDue(one, now)).sort((a, b) => a.deadline - b.deadline),
    later: tasks.filter((one) => !isDue(one, now)).sort((a, b) => a.due_at - b.due_at),
  }
}

/** Which tasks have come up: those that wait for their time no more. Not those that have just been made, or read first. */
export function cameUp(later: Task[], due: Task[]): Task[] {
  const waited = new Set(later.map((one) => one.id))
  return due.filter((one) => waited.has(one.id) && one.state === 'open')
}
