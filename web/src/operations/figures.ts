/* The board's numbers, from the visits and shifts that the supervisor sees. Pure. */

import type { Shift, Visit } from '../protocol/types'
import { isTalk } from '../visit/who'

export interface Figures {
  waiting: number
  longest_s: number
  live: number
  ready: number
  /** Officers who are there: free, in a visit, or at their own counter. */
  on_duty: number
}

const waits = (visit: Visit): boolean => visit.state === 'waiting' || visit.state === 'offered'

export function figuresOf(visits: Iterable<Visit>, shifts: Iterable<Shift>, now: number): Figures {
  const all = [...visits]
  const officers = [...shifts].filter((one) => one.role === 'officer')
  const waiting = all.filter(waits)
  return {
    waiting: waiting.length,
    longest_s: Math.max(0, ...waiting.map((one) => now - one.waiting_since)),
    live: all.filter(isTalk).length,
    ready: officers.filter((one) => one.presence === 'ready' && !one.visit).length,
    on_duty: officers.filter((one) => one.visit || one.presence === 'ready' || one.presence === 'serving_here').length,
  }
}

/** Since when the visit has been in the state it is in, as far as a person cares: waiting, or talking. */
export function since(visit: Visit): number {
  if (waits(visit)) return visit.waiting_since
  return visit.state === 'wrapping' ? (visit.ended_at ?? 0) : (visit.live_at ?? 0)
}

/** Open visits in the order in which they should worry somebody: those who wait first, the longest first. */
export function inOrder(visits: Iterable<Visit>): Visit[] {
  return [...visits]
    .filter((one) => one.state !== 'closed')
    .sort((a, b) => Number(waits(b)) - Number(waits(a)) || since(a) - since(b))
}

/** Those that were closed last, as long as the page has been open. */
export function justOver(visits: Iterable<Visit>, most: number): Visit[] {
  return [...visits]
    .filter((one) => one.state === 'closed')
    .sort((a, b) => (b.closed_at ?? 0) - (a.closed_at ?? 0))
    .slice(0, most)
}

export interface Group {
  id: string
  waiting: number
  /** Since when the one who waits longest waits; 0 for nobody. */
  since: number
  talking: number
  ready: number
}

/** Visits and free officers counted by group: those with the most who wait first. */
export function byGroup(
  visits: Iterable<Visit>,
  officers: Iterable<Shift>,
  ofVisit: (visit: Visit) => string,
  ofOfficer: (shift: Shift) => string[],
): Group[] {
  const groups = new Map<string, Group>()
  const at = (id: string): Group => {
    const group = groups.get(id) ?? { id, waiting: 0, since: 0, talking: 0, ready: 0 }
    groups.set(id, group)
    return group
  }
  for (const visit of visits) {
    if (waits(visit)) {
      const group = at(ofVisit(visit))
      group.waiting += 1
      group.since = group.since ? Math.min(group.since, visit.waiting_since) : visit.waiting_since
    } else if (isTalk(visit)) at(ofVisit(visit)).talking += 1
  }
  for (const shift of officers) {
    if (shift.presence !== 'ready' || shift.visit) continue
    for (const id of new Set(ofOfficer(shift))) if (id) at(id).ready += 1
  }
  return [...groups.values()].sort((a, b) => b.waiting - a.waiting || b.talking - a.talking || a.id.localeCompare(b.id))
}
