/* A visit and a shift after one more event: the same folds as `rvw/domain/fold.py` and `shift.py`, so that a page needs
   no second snapshot. Pure. What the table does not permit is an error: the page then asks for a new snapshot.
   `fold.fixture.json`, made from the Python code, holds the two to each other. */

import type { Interruption, Invitation, Participant, Recorded, Shift, State, Visit } from '../protocol/types'

type OtherEvent =
  | 'presence_set'
  | 'engaged'
  | 'released'
  | 'drawn'
  | 'erased'
  | 'redrawn'
  | 'page_added'
  | 'page_replaced'
  | 'page_removed'
  | 'page_named'
  | 'page_shown'
  | 'page_hidden'
  | 'paper_asked'
  | 'paper_accepted'
  | 'paper_returned'
  | 'paper_referred'
  | 'phone_invited'
  | 'phone_came'
  | 'phone_dismissed'
  | 'notice_given'
  | 'cleared'
  | 'identity_asked'
  | 'identity_shown'
  | 'verdict_asked'
  | 'verdict_came'
  | 'identity_confirmed'
  | 'identity_refused'
  | 'number_revealed'
  | 'field_filled'
  | 'form_confirmed'
  | 'consent_documented'
  | 'signature_asked'
  | 'signature_cancelled'
  | 'signing_link_made'
  | 'document_signed'
  | 'announced'
  | 'withdrawn'
  | 'rated'
export type VisitEvent = Exclude<Recorded['event'], { type: OtherEvent }>
type LaterEvent = Exclude<VisitEvent, { type: 'opened' }>

/** How many commands a visit remembers, to recognise repetitions. */
const REMEMBERED_REFS = 64

/** state → event → state. What is not here cannot happen. */
const TRANSITIONS: Record<State, Partial<Record<LaterEvent['type'], State>>> = {
  waiting: {
    offered: 'offered',
    step_reached: 'waiting',
    prioritised: 'waiting',
    departed: 'waiting',
    interrupted: 'waiting',
    restored: 'waiting',
    moved_kiosk: 'waiting',
    closed: 'closed',
    transferred: 'waiting',
    consent_answered: 'waiting',
    unresolved_noted: 'waiting',
  },
  offered: {
    turned_down: 'waiting',
    accepted: 'live',
    prioritised: 'offered',
    departed: 'offered',
    interrupted: 'offered',
    restored: 'offered',
    moved_kiosk: 'offered',
    closed: 'closed',
    transferred: 'waiting',
    consent_answered: 'offered',
    unresolved_noted: 'offered',
  },
  live: {
    entered: 'live',
    departed: 'live',
    said: 'live',
    share_started: 'live',
    share_stopped: 'live',
    marks_allowed: 'live',
    held: 'held',
    interrupted: 'live',
    restored: 'live',
    moved_kiosk: 'live',
    requeued: 'waiting',
    transferred: 'waiting',
    invited: 'live',
    uninvited: 'live',
    taken_over: 'live',
    consent_answered: 'live',
    unresolved_noted: 'live',
    recording_started: 'live',
    recording_stalled: 'live',
    recording_resumed: 'live',
    recording_stopped: 'live',
    ended: 'wrapping',
  },
  held: {
    entered: 'held',
    departed: 'held',
    said: 'held',
    resumed: 'live',
    interrupted: 'held',
    restored: 'held',
    moved_kiosk: 'held',
    requeued: 'waiting',
    transferred: 'waiting',
    invited: 'held',
    uninvited: 'held',
    consent_answered: 'held',
    unresolved_noted: 'held',
    ended: 'wrapping',
  },
  wrapping: { closed: 'closed', unresolved_noted: 'wrapping' },
  closed: { handed_over: 'closed', unresolved_noted: 'closed' },
}

/** An event that cannot follow: something was missed. */
export class NotPossible extends Error {}

const OTHERS: ReadonlySet<string> = new Set<OtherEvent>([
  'presence_set',
  'engaged',
  'released',
  'drawn',
  'erased',
  'redrawn',
  'cleared',
  'announced',
  'withdrawn',
  'rated',
])
const isOfVisit = (event: Recorded['event']): event is VisitEvent => !OTHERS.has(event.type)

/** The visit after one more event; `undefined` is the visit before its first. */
export function evolve(visit: Visit | undefined, recorded: Recorded): Visit {
  const event = recorded.event
  if (!isOfVisit(event)) {
    throw new NotPossible(`a visit cannot have ${event.type}`)
  }
  if (visit === undefined) {
    if (event.type !== 'opened') throw new NotPossible(`a visit begins with opened, not ${event.type}`)
    return remember(opened(recorded, event), recorded)
  }
  const state = event.type === 'opened' ? undefined : TRANSITIONS[visit.state][event.type]
  if (event.type === 'opened' || state === undefined) {
    throw new NotPossible(`a visit that is ${visit.state} cannot have ${event.type}`)
  }
  return remember(ofPresent({ ...visit, ...change(visit, event, recorded.at), state }), recorded)
}

/** The shift after one more event; `undefined` is one that nothing is known of. */
export function evolveShift(shift: Shift | undefined, recorded: Recorded): Shift {
  const { event, at, version } = recorded
  const before = shift ?? unknownShift(recorded.stream.replace(/^shift:/, ''))
  switch (event.type) {
    case 'presence_set': {
      const { type: _, ...said } = event
      const missed = before.presence === event.presence ? before.missed : 0
      const idle_since = before.presence === 'ready' ? before.idle_since : at
      return { ...before, ...said, missed, version, idle_since, presence_since: at }
    }
    case 'engaged':
      return { ...before, version, visit: event.visit }
    case 'released': {
      const presence = event.pause && before.presence === 'ready' ? 'paused' : before.presence
      const missed = event.missed ? before.missed + 1 : 0
      return { ...before, version, visit: '', presence, idle_since: at, missed }
    }
    default:
      throw new NotPossible(`a shift cannot have ${event.type}`)
  }
}

/** Who comes again is asked again. */
function ofPresent(visit: Visit): Visit {
  const present = new Set(visit.participants.map((one) => one.actor))
  return { ...visit, consents: visit.consents.filter((one) => present.has(one.actor)) }
}

function remember(visit: Visit, recorded: Recorded): Visit {
  const { ref, version } = recorded
  const refs = ref && !visit.refs.includes(ref) ? [...visit.refs, ref].slice(-REMEMBERED_REFS) : visit.refs
  return { ...visit, version, refs }
}

function opened(recorded: Recorded, event: Extract<VisitEvent, { type: 'opened' }>): Visit {
  const { type: _, deadline, kiosk_name, ...facts } = event
  return {
    ...facts,
    id: recorded.stream.replace(/^visit:/, ''),
    version: recorded.version,
    state: 'waiting',
    opened_at: recorded.at,
    waiting_since: recorded.at,
    waiting_deadline: deadline,
    deadline,
    asked: 1,
    next_at: nextAt(event.waits_s, recorded.at),
    step: null,
    offer_reason: 'longest_idle',
    priority_reason: 'none',
    priority_settled: false,
    desk: '',
    officer: '',
    refusals: [],
    participants: [{ actor: event.kiosk, role: 'kiosk', name: kiosk_name, seat: 0, mode: 'join' }],
    interruptions: [],
    invitations: [],
    consents: [],
    moved: null,
    share: null,
    recording: null,
    kiosk_marks: false,
    chat: [],
    answered_at: null,
    live_at: null,
    ended_at: null,
    closed_at: null,
    end_reason: '',
    close_reason: '',
    outcome: '',
    note: '',
    next_step: '',
    question: '',
    unresolved: [],
    receipt: '',
    refs: [],
  }
}

/** When the second desk of a new chain is asked. */
function nextAt(waits_s: number[], at: number): number | null {
  const [, wait] = waits_s
  return wait === undefined ? null : at + wait
}

function change(visit: Visit, event: LaterEvent, at: number): Partial<Visit> {
  switch (event.type) {
    case 'step_reached': {
      const { desk, passed, until } = event
      return { asked: Math.max(visit.asked, visit.desks.indexOf(desk) + 1), next_at: until, step: { desk, passed, at } }
    }
    case 'offered':
      return { officer: event.officer, desk: event.desk, deadline: event.deadline, offer_reason: event.reason }
    case 'turned_down':
      return {
        officer: '',
        desk: '',
        deadline: visit.waiting_deadline,
        refusals: [
          ...visit.refusals.filter((one) => one.officer !== event.officer),
          { officer: event.officer, until: event.until },
        ],
        interruptions: healed(visit, event.officer),
      }
    case 'accepted':
      return {
        deadline: event.deadline,
        answered_at: visit.answered_at ?? at,
        live_at: at,
        participants: [
          ...visit.participants,
          { actor: event.officer, role: 'officer', name: event.name, seat: 1, mode: 'join' },
        ],
      }
    case 'entered': {
      const { type: _, ...participant } = event
      return {
        participants: [...without(visit, event.actor), participant],
        invitations: uninvited(visit, event.actor),
      }
    }
    case 'departed':
      return {
        participants: without(visit, event.actor),
        interruptions: healed(visit, event.actor),
        share: visit.share?.actor === event.actor ? null : visit.share,
      }
    case 'said': {
      const { type: _, ...line } = event
      return { chat: [...visit.chat, { at, ...line }] }
    }
    case 'share_started': {
      const { type: _, ...whose } = event
      return { share: { ...whose, since: at, surface: `share:${visit.version + 1}` } }
    }
    case 'share_stopped':
      return { share: null }
    case 'marks_allowed':
      return { kiosk_marks: event.allowed }
    case 'held':
    case 'resumed':
      return { deadline: event.deadline, share: null }
    case 'interrupted':
      return {
        interruptions: [...healed(visit, event.actor), { actor: event.actor, deadline: event.deadline }],
      }
    case 'restored':
      return { interruptions: healed(visit, event.actor) }
    case 'prioritised':
      return { priority: event.priority, priority_reason: event.reason, priority_settled: event.reason === 'none' }
    case 'moved_kiosk':
      return movedKiosk(visit, event)
    case 'requeued':
      return waitingAgain(visit, event)
    case 'transferred':
      return {
        ...waitingAgain(visit, event),
        waits_s: event.waits_s,
        asked: 1,
        next_at: nextAt(event.waits_s, at),
        step: null,
      }
    case 'invited': {
      const { type: _, ...invitation } = event
      return { invitations: [...uninvited(visit, event.actor), invitation] }
    }
    case 'uninvited':
      return { invitations: uninvited(visit, event.actor) }
    case 'taken_over':
      return {
        officer: event.officer,
        desk: event.desk,
        deadline: event.deadline,
        participants: without(visit, visit.officer).map((one) =>
          one.actor === event.officer ? { ...one, role: 'officer' } : one,
        ),
        interruptions: healed(visit, visit.officer),
        share: visit.share?.actor === visit.officer ? null : visit.share,
      }
    case 'consent_answered': {
      const { actor, subject, answer, basis, text } = event
      const others = visit.consents.filter((one) => one.actor !== actor || one.subject !== subject)
      return { consents: [...others, { actor, subject, answer, basis, text, at }] }
    }
    case 'recording_started':
    case 'recording_resumed':
      return { recording: { state: 'running', since: at, trouble: '' } }
    case 'recording_stalled':
      return { recording: { state: 'stalled', since: at, trouble: event.reason } }
    case 'recording_stopped':
      return { recording: { state: 'stopped', since: at, trouble: '' } }
    case 'unresolved_noted':
      return { unresolved: [...visit.unresolved, event.task] }
    case 'ended':
      return {
        ended_at: at,
        end_reason: event.reason,
        deadline: event.deadline,
        interruptions: [],
        invitations: [],
        share: null,
      }
    case 'closed':
      return {
        deadline: null,
        interruptions: [],
        invitations: [],
        closed_at: at,
        close_reason: event.reason,
        outcome: event.outcome,
        note: event.note,
        next_step: event.next_step,
        question: event.question,
      }
    case 'handed_over':
      return { receipt: event.receipt }
  }
}

/** The resident takes the own seat at the new kiosk; hosts who stood beside them in another hall stay behind. */
function movedKiosk(visit: Visit, event: Extract<VisitEvent, { type: 'moved_kiosk' }>): Partial<Visit> {
  const others = without(visit, visit.kiosk).filter((one) => one.role !== 'host' || event.hall === visit.hall)
  return {
    kiosk: event.kiosk,
    hall: event.hall,
    participants: [{ actor: event.kiosk, role: 'kiosk', name: event.kiosk_name, seat: 0, mode: 'join' }, ...others],
    consents: visit.consents.map((one) => (one.actor === visit.kiosk ? { ...one, actor: event.kiosk } : one)),
    interruptions: visit.interruptions.filter(
      (gone) => gone.actor === visit.officer || others.some((one) => one.actor === gone.actor),
    ),
  }
}

/** The resident keeps everything but the officer: hosts stay, guests were the officer's and go. */
function waitingAgain(visit: Visit, event: Extract<VisitEvent, { type: 'requeued' | 'transferred' }>): Partial<Visit> {
  const refusals = visit.refusals.filter((one) => one.officer !== visit.officer)
  const staying = visit.participants.filter((one) => one.role === 'kiosk' || one.role === 'host')
  return {
    priority: event.priority,
    priority_reason: event.priority === visit.priority ? visit.priority_reason : 'returned',
    officer: '',
    desk: '',
    desks: event.type === 'transferred' ? event.desks : visit.desks,
    deadline: event.deadline,
    waiting_deadline: event.deadline,
    refusals: event.type === 'requeued' ? [...refusals, { officer: visit.officer, until: event.until }] : refusals,
    participants: staying,
    interruptions: visit.interruptions.filter((gone) => staying.some((one) => one.actor === gone.actor)),
    invitations: [],
    share: null,
    kiosk_marks: false,
    moved: { why: event.type === 'transferred' ? event.type : event.reason, note: event.note },
  }
}

function without(visit: Visit, actor: string): Participant[] {
  return visit.participants.filter((one) => one.actor !== actor)
}

function uninvited(visit: Visit, actor: string): Invitation[] {
  return visit.invitations.filter((one) => one.actor !== actor)
}

function healed(visit: Visit, actor: string): Interruption[] {
  return visit.interruptions.filter((one) => one.actor !== actor)
}

function unknownShift(actor: string): Shift {
  return {
    actor,
    version: 0,
    presence: 'signed_out',
    name: '',
    role: 'system',
    authority: '',
    desks: [],
    away: [],
    hall: '',
    languages: [],
    skills: [],
    note: '',
    missed: 0,
    visit: '',
    idle_since: 0,
    presence_since: 0,
  }
}
