/* Who this page is: a token from signing in or enrolling. A kiosk keeps it over restarts, an officer's ends with the
   browser window. What the token allows is the server's to decide. */

import type {
  CaseFound,
  CatalogueView,
  ClosingView,
  Colleagues,
  ConsentTexts,
  EarlierVisits,
  Events,
  GuestLink,
  HallName,
  Halls,
  IceServers,
  LineTest,
  LineTests,
  Matter,
  MatterDetail,
  MattersFound,
  MediaPool,
  PathTest,
  Problem,
  Promise as Promised,
  PromiseWish,
  RatingGiven,
  RatingTaken,
  Report,
  Session,
  Sheet,
  Summary,
  SummaryPdf,
  SummaryShown,
  Task,
  TaskDo,
  TaskDone,
  TaskList,
  TaskNumber,
  TicketFound,
  TicketShown,
  UnresolvedTaken,
  UnresolvedWish,
  Ways,
} from '../protocol/types'

const KEY = 'rvw.session'

/** A request was not carried out; `code` is one of the server's, or `offline`. */
export class Failure extends Error {
  constructor(readonly code: string) {
    super(code)
  }
}

/** What went wrong, as one of the server's codes. */
export const codeOf = (error: unknown): string => (error instanceof Failure ? error.code : 'unknown')

export function stored(storage: Storage): Session | undefined {
  try {
    const session = JSON.parse(storage.getItem(KEY) ?? 'null') as Session | null
    return session && session.expires_at > Date.now() / 1000 ? session : undefined
  } catch {
    return undefined
  }
}

export function forget(storage: Storage): void {
  storage.removeItem(KEY)
}

export async function signIn(user: string, password: string): Promise<Session> {
  return keep(sessionStorage, await request<Session>('/api/login', { user, password }))
}

export async function enrol(code: string): Promise<Session> {
  return keep(localStorage, await request<Session>('/api/enrol', { code }))
}

export function fetchCatalogue(): Promise<CatalogueView> {
  return request<CatalogueView>('/api/catalogue')
}

/** The matters that the server finds for what was typed, best first: a page holds only the first of very many. */
export async function fetchMatters(token: string, typed: string): Promise<Matter[]> {
  return (await request<MattersFound>(`/api/matters?q=${encodeURIComponent(typed)}`, undefined, token)).matters
}

export function fetchMatter(code: string): Promise<MatterDetail> {
  return request<MatterDetail>(`/api/matters/${encodeURIComponent(code)}`)
}

/** What people are told before they are asked for consent, as it holds now. Raises `Failure`. */
export function fetchConsent(): Promise<ConsentTexts> {
  return request<ConsentTexts>('/api/consent')
}

/** The figures of today of a region or a desk. Raises `Failure`. */
export function fetchReport(asked: { region: string; desk: string }): Promise<Report> {
  return request<Report>(`/api/figures?${new URLSearchParams(asked)}`, undefined, stored(sessionStorage)?.token)
}

/** Everything that has happened in a visit. Raises `Failure`. */
export function fetchEvents(visit: string): Promise<Events> {
  return request<Events>(`/api/visits/${encodeURIComponent(visit)}/events`, undefined, stored(sessionStorage)?.token)
}

/** All marks of a visit. Raises `Failure`. */
export function fetchSheet(visit: string, token: string): Promise<Sheet> {
  return request<Sheet>(`/api/visits/${encodeURIComponent(visit)}/marks`, undefined, token)
}

/** The other officers who are there. Raises `Failure`. */
export function fetchColleagues(): Promise<Colleagues> {
  return request<Colleagues>('/api/colleagues', undefined, stored(sessionStorage)?.token)
}

/** What halls are called. Raises `Failure`. */
export async function fetchHalls(): Promise<HallName[]> {
  return (await request<Halls>('/api/halls', undefined, stored(sessionStorage)?.token)).halls
}

/** A one-time link into one's own talk, for a guest without an account. Raises `Failure`. */
export function makeGuestLink(visit: string, name: string): Promise<GuestLink> {
  const wanted = { name, origin: location.origin }
  return request<GuestLink>(`/api/visits/${encodeURIComponent(visit)}/guests`, wanted, stored(sessionStorage)?.token)
}

/** Come by a one-time link. Raises `Failure`. */
export async function comeByLink(link: string, name: string): Promise<Session> {
  return keep(sessionStorage, await request<Session>('/api/guests', { link, name }))
}

/** The relays for a media connection. Raises `Failure`. */
export function fetchIceServers(token: string): Promise<IceServers> {
  return request<IceServers>('/api/ice', undefined, token)
}

/** The whole ticket of a visit of this kiosk. Raises `Failure`. */
export function fetchTicket(visit: string): Promise<TicketShown> {
  return request<TicketShown>(`/api/visits/${encodeURIComponent(visit)}/ticket`, undefined, stored(localStorage)?.token)
}

/** What can be promised to a visit of this kiosk that waits. Raises `Failure`. */
export function fetchWays(visit: string): Promise<Ways> {
  return request<Ways>(`/api/visits/${encodeURIComponent(visit)}/ways`, undefined, stored(localStorage)?.token)
}

/** Ask for a promise: the visit waits no longer. Raises `Failure`. */
export function askPromise(visit: string, wish: PromiseWish): Promise<Promised> {
  return request<Promised>(`/api/visits/${encodeURIComponent(visit)}/promises`, wish, stored(localStorage)?.token)
}

/** Come to an appointment with a new visit: it goes before others. Raises `Failure`. */
export function keepAppointment(task: string, ticket: string, visit: string): Promise<Promised> {
  const path = `/api/appointments/${encodeURIComponent(task)}`
  return request<Promised>(path, { ticket, visit }, stored(localStorage)?.token)
}

/** The tasks of one's desks, or of one's authority. Raises `Failure`. */
export async function fetchTasks(): Promise<Task[]> {
  return (await request<TaskList>('/api/tasks', undefined, stored(sessionStorage)?.token)).tasks
}

/** Do something with a task. Raises `Failure`. */
export async function doTask(task: string, command: TaskDo['command']): Promise<Task> {
  return (await request<TaskDone>(`/api/tasks/${encodeURIComponent(task)}`, { command }, stored(sessionStorage)?.token))
    .task
}

/** The number of a call-back that one has taken. Raises `Failure`. */
export async function fetchNumber(task: string): Promise<string> {
  const path = `/api/tasks/${encodeURIComponent(task)}/number`
  return (await request<TaskNumber>(path, undefined, stored(sessionStorage)?.token)).number
}

/** Find a visit by its ticket, as typed or as scanned; one that goes on is this kiosk's then. Raises `Failure`. */
export function claimTicket(ticket: string): Promise<TicketFound> {
  return request<TicketFound>('/api/tickets', { ticket }, stored(localStorage)?.token)
}

/** The media workers and their load, for supervisors. Raises `Failure`. */
export function fetchMediaPool(): Promise<MediaPool> {
  return request<MediaPool>('/api/media', undefined, stored(sessionStorage)?.token)
}

/** Tell what a test of this kiosk's line has found. Raises `Failure`. */
export function keepLineTest(token: string, paths: PathTest[]): Promise<LineTest> {
  return request<LineTest>('/api/line-tests', { paths }, token)
}

/** The last test of each kiosk, or the kept ones of one. Raises `Failure`. */
export function fetchLineTests(token: string, kiosk = ''): Promise<LineTests> {
  return request<LineTests>(`/api/line-tests?kiosk=${encodeURIComponent(kiosk)}`, undefined, token)
}

/** What each outcome still lacks. Raises `Failure`. */
export async function fetchClosing(visit: string): Promise<ClosingView['lacks']> {
  const path = `/api/visits/${encodeURIComponent(visit)}/closing`
  return (await request<ClosingView>(path, undefined, stored(sessionStorage)?.token)).lacks
}

/** What came before in the case that a visit goes on with. Raises `Failure`. */
export function fetchEarlier(visit: string): Promise<EarlierVisits> {
  const path = `/api/visits/${encodeURIComponent(visit)}/earlier`
  return request<EarlierVisits>(path, undefined, stored(sessionStorage)?.token)
}

/** What a case number is about. Raises `Failure`. */
export function fetchCase(number: string): Promise<CaseFound> {
  return request<CaseFound>(`/api/cases/${encodeURIComponent(number)}`, undefined, stored(localStorage)?.token)
}

/** What the resident takes home, at the kiosk. Raises `Failure`. */
export function fetchSummary(visit: string): Promise<SummaryShown> {
  const path = `/api/visits/${encodeURIComponent(visit)}/summary?${new URLSearchParams({ origin: location.origin })}`
  return request<SummaryShown>(path, undefined, stored(localStorage)?.token)
}

/** The same with the ticket, from anywhere. Raises `Failure`. */
export function fetchSummaryBy(ticket: string): Promise<Summary> {
  return request<Summary>('/api/summaries', { ticket })
}

/** Say that a promise is not needed any more. Raises `Failure`. */
export function callOff(task: string, ticket: string): Promise<Promised> {
  return request<Promised>(`/api/promises/${encodeURIComponent(task)}/call-off`, { ticket })
}

/** What may be printed with a ticket: the summary, or the notice of what is missing. */
export type Leaflet = 'pdf' | 'notice'

/** The page to print, as Base64. Raises `Failure`. */
export async function fetchSummaryPdf(ticket: string, what: Leaflet = 'pdf'): Promise<string> {
  return (await request<SummaryPdf>(`/api/summaries/${what}`, { ticket })).pdf
}

/** Rate a visit of this kiosk. Raises `Failure`. */
export function rateVisit(visit: string, rating: RatingGiven): Promise<RatingTaken> {
  const path = `/api/visits/${encodeURIComponent(visit)}/rating`
  return request<RatingTaken>(path, rating, stored(localStorage)?.token)
}

/** Rate a visit with its ticket. Raises `Failure`. */
export function rateByTicket(ticket: string, rating: RatingGiven): Promise<RatingTaken> {
  return request<RatingTaken>('/api/ratings', { ticket, rating })
}

/** Note that something could not be done. Raises `Failure`. */
export function noteUnresolved(token: string, wish: UnresolvedWish): Promise<UnresolvedTaken> {
  return request<UnresolvedTaken>('/api/unresolved', wish, token)
}

function keep(storage: Storage, session: Session): Session {
  storage.setItem(KEY, JSON.stringify(session))
  return session
}

/** Ask the server. Raises `Failure`. */
export async function request<T>(path: string, body?: object, token?: string): Promise<T> {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {}
  const init: RequestInit = body
    ? { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }
    : { headers }
  const response = await fetch(path, init).catch(() => {
    throw new Failure('offline')
  })
  if (response.ok) return (await response.json()) as T
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined
  throw new Failure(problem?.code ?? 'unavailable')
}
