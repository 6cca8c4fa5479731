/* What has happened in a visit as moments of its recording: where each lies, of which kind it is, and which are looked for. Pure. */

import type { Playback, PlayedEvent, Visit } from '../protocol/types'
import { evolve } from '../visit/fold'

export const KINDS = ['talk', 'marks', 'papers', 'application', 'recording', 'visit'] as const
export type Kind = (typeof KINDS)[number]

export interface Moment {
  id: string
  /** When, in seconds since 1970. */
  at: number
  /** Where in the recording, in seconds; below 0 for what was before it. */
  position: number
  kind: Kind
  told: PlayedEvent
}

/** The visit as it was from a position on. */
export interface Scene {
  position: number
  visit: Visit
}

export function momentsOf({ events, since }: Playback): Moment[] {
  return events
    .map((told) => ({
      id: `${told.stream}/${told.version}`,
      at: told.at,
      position: told.at - since,
      kind: kindOf(told),
      told,
    }))
    .sort((a, b) => a.at - b.at)
}

export function kindOf({ stream, event }: PlayedEvent): Kind {
  const [beside = ''] = stream.split(':')
  if (beside === 'marks' || beside === 'papers' || beside === 'application') return beside
  switch (event.type) {
    case 'said':
      return 'talk'
    case 'share_started':
    case 'share_stopped':
    case 'marks_allowed':
      return 'marks'
    case 'consent_answered':
    case 'recording_started':
    case 'recording_stalled':
    case 'recording_resumed':
    case 'recording_stopped':
      return 'recording'
    default:
      return 'visit'
  }
}

/** Those whose words have every word that was typed, of the kinds that are wanted; of no kind: of all. */
export function found(
  moments: readonly Moment[],
  words: (moment: Moment) => string,
  typed: string,
  kinds: ReadonlySet<Kind>,
): Moment[] {
  const terms = typed.toLowerCase().split(/\s+/).filter(Boolean)
  return moments.filter((one) => {
    if (kinds.size && !kinds.has(one.kind)) return false
    const said = terms.length ? words(one).toLowerCase() : ''
    return terms.every((term) => said.includes(term))
  })
}

/** The last that has happened at a position. */
export function current(moments: readonly Moment[], position: number): Moment | undefined {
  return moments.findLast((one) => one.position <= position + SAME_S)
}

/** The next after, or the last before, a position that is not the one stood on. */
export function beside(moments: readonly Moment[], position: number, way: 1 | -1): Moment | undefined {
  return way > 0
    ? moments.find((one) => one.position > position + SAME_S)
    : moments.findLast((one) => one.position >= 0 && one.position < position - SAME_S)
}

/** Positions closer than this are the same for a person: seeking is not exact. */
export const SAME_S = 0.05

/** How the visit stood from when on: the fold that its pages have made, too. */
export function scenesOf({ events, since, visit: id }: Playback): Scene[] {
  const scenes: Scene[] = []
  let visit: Visit | undefined
  for (const told of events) {
    if (told.stream !== `visit:${id}`) continue
    try {
      visit = evolve(visit, { ...told, ref: '' } as Parameters<typeof evolve>[1])
    } catch (error) {
      console.warn('the visit cannot be followed any further', error)
      break
    }
    scenes.push({ position: told.at - since, visit })
  }
  return scenes
}

export function sceneAt(scenes: readonly Scene[], position: number): Visit | undefined {
  return scenes.findLast((one) => one.position <= position + SAME_S)?.visit
}

/** Where the recording goes on, if nothing was recorded at a position; the end if it does not. */
export function afterGap({ spans, seconds }: Playback, position: number): number | undefined {
  if (!spans.length || spans.some((one) => position >= one.begin - EDGE_S && position < one.end)) return undefined
  return spans.find((one) => one.begin > position)?.begin ?? seconds
}

/** A stretch begins a little before its first word of the disk. */
const EDGE_S = 0.25

/** The stretches of which nothing was recorded, for the eye. */
export function gapsOf({ spans, seconds }: Playback): { begin: number; end: number }[] {
  const edges = [0, ...spans.flatMap((one) => [one.begin, one.end]), seconds]
  const gaps: { begin: number; end: number }[] = []
  for (let at = 0; at + 1 < edges.length; at += 2) {
    const [begin = 0, end = 0] = [edges[at], edges[at + 1]]
    if (spans.length && end - begin > 1) gaps.push({ begin, end })
  }
  return gaps
}
