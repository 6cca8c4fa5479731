/* Whom of a visit a page shows, and in which slots they arrive. Pure. */

import type { Participant, Visit } from '../protocol/types'
import { place } from './media'

export interface Other extends Participant {
  voice: string
  face: string
}

/** Everybody who takes part but oneself, with the slots they arrive in. */
export function others(visit: Visit, self: string): Other[] {
  const own = visit.participants.find((one) => one.actor === self)
  if (!own) return []
  return visit.participants
    .filter((one) => one.actor !== self)
    .map((one) => ({ ...one, voice: `voice${place(one.seat, own.seat)}`, face: `face${place(one.seat, own.seat)}` }))
}

/** Until when the place of somebody whose connection is lost is kept; `undefined` when everybody is there. */
export function interruptionOf(visit: Visit, actor: string): number | undefined {
  return visit.interruptions.find((one) => one.actor === actor)?.deadline
}

export const isOpen = (visit: Visit): boolean => visit.state !== 'closed'
export const isTalk = (visit: Visit): boolean => visit.state === 'live' || visit.state === 'held'
