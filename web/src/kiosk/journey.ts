/* Where the resident is on the way to the queue, and which visit is on the screen. One question a screen. */

import { computed, type InjectionKey, inject, reactive, ref, watch } from 'vue'
import type { Matter, Open, Promise as Promised, Region, State, Visit } from '../protocol/types'
import { residentDefaults } from '../ui/display'
import type { Peer } from '../visit/peer'

export type Step = 'welcome' | 'ticket' | 'case' | 'matter' | 'region' | 'consent' | 'devices'
export type Screen = Step | 'waiting' | 'talk' | 'farewell' | 'moved'

/** The steps to the queue, in order; `ticket` is a side way. */
export const STEPS: Step[] = ['welcome', 'matter', 'region', 'consent', 'devices']

const ENGAGED: State[] = ['waiting', 'offered', 'live', 'held']

export class Journey {
  readonly choice = reactive<{
    step: Step
    matter: Matter | undefined
    region: Region | undefined
    /** What was said when asked for consent; of the next resident nothing is known. */
    answers: NonNullable<Open['answers']>
    /** The case number that is gone on with; empty for a new matter. */
    case: string
  }>({
    step: 'welcome',
    matter: undefined,
    region: undefined,
    answers: [],
    case: '',
  })
  /** What was promised to the visit on the screen. */
  readonly promised = ref<Promised>()
  /** The appointment that the next visit is for, with the ticket it was made with. */
  readonly appointment = ref<{ task: string; ticket: string }>()

  /** The visit that has been looked at to the end. */
  private readonly dismissed = reactive(new Set<string>())

  /** The visit that ended while the line was down: the server shows it no more, but the resident deserves a word. */
  private readonly missed = ref<Visit>()

  /** The visits this page was in: one that was over when the page was opened is somebody else's by now. */
  private readonly been = new Set<string>()

  /** The visit that the resident has gone on with at another kiosk. */
  private readonly away = ref<Visit>()

  readonly visit = computed<Visit | undefined>(() => {
    const own = [...this.peer.store.visits.values()].filter(
      (one) => this.isOwn(one) && !this.dismissed.has(one.id) && (ENGAGED.includes(one.state) || this.been.has(one.id)),
    )
    return own.sort((a, b) => b.opened_at - a.opened_at)[0] ?? this.missed.value
  })

  readonly screen = computed<Screen>(() => {
    switch (this.visit.value?.state) {
      case undefined:
        return this.away.value ? 'moved' : this.choice.step
      case 'waiting':
      case 'offered':
        return 'waiting'
      case 'live':
      case 'held':
        return 'talk'
      default:
        return 'farewell'
    }
  })

  constructor(private readonly peer: Peer) {
    // At once, not with the next screen: open and closed may come in one breath.
    watch(
      this.visit,
      (now, before) => {
        if (now) this.been.add(now.id)
        if (now) this.away.value = undefined
        if (now || !before || this.dismissed.has(before.id)) return
        const known = this.peer.store.visits.get(before.id)
        if (known && !this.isOwn(known)) this.away.value = known
        else {
          this.missed.value = { ...before, state: 'closed', close_reason: 'lost' }
        }
      },
      { immediate: true, flush: 'sync' },
    )
  }

  private isOwn(visit: Visit): boolean {
    return visit.kiosk === this.peer.store.known.you.id
  }

  back(): void {
    if (this.choice.step === 'case') return this.restart()
    const at = STEPS.indexOf(this.choice.step)
    this.choice.step = STEPS[at - 1] ?? 'welcome'
  }

  /** Everything as the next resident should find it. */
  restart(): void {
    if (this.visit.value) this.dismissed.add(this.visit.value.id)
    this.missed.value = undefined
    this.away.value = undefined
    this.promised.value = undefined
    this.appointment.value = undefined
    this.peer.self.release()
    Object.assign(this.choice, { step: 'welcome', matter: undefined, region: undefined, answers: [], case: '' })
    residentDefaults()
  }
}

export const JOURNEY: InjectionKey<Journey> = Symbol('journey')

export function useJourney(): Journey {
  const journey = inject(JOURNEY)
  if (!journey) throw new Error('no journey has been provided')
  return journey
}
