/* What this page knows: the visits and shifts it may see, kept current by the events, and the way to send commands.

   One store a page. It decides nothing about screens; each page asks for the visit it shows. */

import { reactive, ref, shallowReactive, shallowRef } from 'vue'
import type {
  Actor,
  Estimate,
  Gesture,
  Gestured,
  Glance,
  Notice,
  Quality,
  Recorded,
  Report,
  ServerMessage,
  Session,
  Shift,
  Typing,
  Visit,
  Welcome,
} from '../protocol/types'
import { setServerTime } from './clock'
import { Drafts } from './drafts'
import { evolve, evolveShift } from './fold'
import { Glances } from './glances'
import type { Path } from './lineTest'
import { fold as foldNotice, keep } from './notices'
import { type Ticker, workerTicker } from './ticker'
import { type Answer, type Command, type Link, Wire } from './wire'

export interface Known {
  link: Link
  /** Whether a welcome has ever come: before it, the page knows nothing. */
  ready: boolean
  you: Actor
}

export class Store {
  readonly known: Known
  readonly visits = shallowReactive(new Map<string, Visit>())
  readonly shifts = shallowReactive(new Map<string, Shift>())
  /** What supervisors tell those at this page. */
  readonly notices = shallowReactive(new Map<string, Notice>())
  /** Lines that are not good, or were not; all others are. */
  readonly qualities = shallowReactive(new Map<string, Quality>())
  readonly estimates = shallowReactive(new Map<string, Estimate>())
  /** The figures of today, for a supervisor; nothing until the server has counted. */
  readonly report = shallowRef<Report>()
  /** Counts how often the list of tasks may have changed: whoever shows it reads it again. */
  readonly tasksChanged = ref(0)
  /** Called when the server says that the media connection is gone. */
  onRejoin: () => void = () => undefined
  /** Called with what happens to marks, and with pointers: kept apart from visits, because they are many. */
  onMark: (visit: string, recorded: Recorded) => void = () => undefined
  onGesture: (gesture: Gestured) => void = () => undefined
  /** Lines that others are writing, by visit and author. */
  readonly drafts = new Drafts()
  /** Stills of others, while one's own line does not carry moving pictures. */
  readonly glances = new Glances()
  /** By kind of stream: called with what happens beside a visit. */
  readonly beside = new Map<string, (visit: string, recorded: Recorded) => void>()
  /** Called when what has happened meanwhile is unknown. */
  onAnew: () => void = () => undefined
  private readonly wire: Wire

  constructor(session: Session, url: string = socketUrl(), ticker: Ticker = workerTicker) {
    this.known = reactive({ link: 'connecting', ready: false, you: session.actor })
    this.wire = new Wire(
      url,
      session.token,
      {
        message: (message) => this.apply(message),
        link: (link) => {
          this.known.link = link
        },
      },
      ticker,
    )
  }

  connect(): void {
    this.wire.connect()
  }

  close(): void {
    this.wire.close()
  }

  do(command: Command, visit = ''): Promise<Answer> {
    return this.wire.do(command, visit)
  }

  gesture(gesture: Gesture): void {
    this.wire.mention(gesture)
  }

  glance(glance: Glance): void {
    this.wire.mention(glance)
  }

  typing(typing: Typing): void {
    this.wire.mention(typing)
  }

  join(offer: string): Promise<Answer> {
    return this.wire.join(offer)
  }

  echo(path: Path, offer: string): Promise<Answer> {
    return this.wire.echo(path, offer)
  }

  apply(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        return this.welcome(message)
      case 'shown':
        return this.show(message.visit)
      case 'hidden':
        this.visits.delete(message.visit)
        this.estimates.delete(message.visit)
        return
      case 'happened':
        return this.happen(message.recorded)
      case 'estimated':
        this.estimates.set(message.visit, message.estimate)
        return
      case 'counted':
        this.report.value = message.report
        return
      case 'quality':
        this.qualities.set(message.actor, message)
        if (message.actor === this.known.you.id && !message.paused) this.glances.clear()
        return
      case 'tasks_changed':
        this.tasksChanged.value += 1
        return
      case 'gestured':
        return this.onGesture(message)
      case 'typed':
        return this.drafts.take(message)
      case 'glanced':
        return this.glances.take(message)
      case 'rejoin':
        return this.onRejoin()
      case 'pong':
        return setServerTime(message.now)
    }
  }

  private welcome(message: Welcome): void {
    setServerTime(message.now)
    this.known.you = message.you
    this.qualities.clear()
    if (!message.resumed) {
      // A closed visit does not change any more but for its receipt: whoever still looks at it keeps it.
      for (const [id, visit] of this.visits) if (visit.state !== 'closed') this.visits.delete(id)
      this.shifts.clear()
      this.estimates.clear()
      for (const visit of message.visits) this.show(visit)
      this.notices.clear()
      for (const notice of message.notices) keep(this.notices, notice)
      for (const shift of message.shifts) this.shifts.set(shift.actor, shift)
      this.onAnew()
    }
    this.known.ready = true
    this.tasksChanged.value += 1
  }

  private show(visit: Visit): void {
    const before = this.visits.get(visit.id)
    if (!before || before.version <= visit.version) this.visits.set(visit.id, visit)
  }

  private happen(recorded: Recorded): void {
    const [kind, id] = split(recorded.stream)
    try {
      if (kind === 'visit') this.foldVisit(id, recorded)
      else if (kind === 'marks') this.onMark(id, recorded)
      else if (kind === 'notice') foldNotice(this.notices, id, recorded)
      else if (kind === 'shift') this.foldShift(id, recorded)
      else this.beside.get(kind)?.(id, recorded)
    } catch (error) {
      console.warn('an event was missed, asking for everything again', error)
      this.wire.restart()
    }
  }

  private foldVisit(id: string, recorded: Recorded): void {
    const before = this.visits.get(id)
    if (!before && recorded.event.type !== 'opened') return // shown whole when it becomes ours to see
    if (before && recorded.version <= before.version) return
    if (before && recorded.version > before.version + 1) throw new Error(`gap before version ${recorded.version}`)
    this.visits.set(id, evolve(before, recorded))
    this.drafts.heard(id, recorded)
  }

  private foldShift(id: string, recorded: Recorded): void {
    const before = this.shifts.get(id)
    if (before && recorded.version <= before.version) return
    this.shifts.set(id, evolveShift(before, recorded))
  }
}

function split(stream: string): [string, string] {
  const at = stream.indexOf(':')
  return [stream.slice(0, at), stream.slice(at + 1)]
}

function socketUrl(): string {
  const url = new URL('/ws', location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}
