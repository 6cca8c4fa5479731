/* Whom of a visit a page shows, and in which slots they arrive. Pure. */

import type { Actor, Invitation, Participant, Visit } from '../protocol/types'
import { place } from './media'

export interface Other extends Participant {
  voice: string
  face: string
}

/** Everybody who takes part but oneself, with the slots they arrive in. */
export function others(visit: Visit, self: string): Other[] {
  const own = partOf(visit, self)
  if (!own) return []
  return visit.participants
    .filter((one) => one.actor !== self)
    .map((one) => ({ ...one, voice: `voice${place(one.seat, own.seat)}`, face: `face${place(one.seat, own.seat)}` }))
}

/** Those whose picture others see: a listener and a whisperer have none. */
export const isSeen = (one: Participant): boolean => one.mode === 'join'

/** Those who take part unseen, but oneself: the visit shows that they do. */
export function watchers(visit: Visit, self: string): Participant[] {
  return visit.participants.filter((one) => one.actor !== self && !isSeen(one))
}

/** Somebody's part in the visit. */
export function partOf(visit: Visit, actor: string): Participant | undefined {
  return visit.participants.find((one) => one.actor === actor)
}

/** The invitation of somebody into the visit, while it may be followed. */
export function invitationOf(visit: Visit, actor: string): Invitation | undefined {
  return visit.invitations.find((one) => one.actor === actor)
}

/** Until when the place of somebody whose connection is lost is kept; `undefined` when everybody is there. */
export function interruptionOf(visit: Visit, actor: string): number | undefined {
  return visit.interruptions.find((one) => one.actor === actor)?.deadline
}

/** Whether somebody may draw now: the same rule as `check_marking` in `rvw/domain/policy.py`. */
export function mayDraw(visit: Visit, actor: Actor): boolean {
  if (visit.state !== 'live' || partOf(visit, actor.id)?.mode !== 'join') return false
  if (actor.role === 'kiosk') return visit.kiosk_marks
  return actor.role === 'officer' || actor.role === 'host'
}

export const isOpen = (visit: Visit): boolean => visit.state !== 'closed'
export const isTalk = (visit: Visit): boolean => visit.state === 'live' || visit.state === 'held'
