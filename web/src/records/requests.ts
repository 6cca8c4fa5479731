/* What pages ask of the server about visits that are over. Each raises `Failure`, and each is in the audit log there. */

import type { CopyWanted, HeldNow, HoldWanted, KeepingView, PastVisits, Problem } from '../protocol/types'
import { Failure, request } from '../visit/session'

/** What is looked for; what is empty does not matter. */
export interface Wanted {
  ticket: string
  officer: string
  matter: string
  from: string
  to: string
}

export const NOTHING: Wanted = { ticket: '', officer: '', matter: '', from: '', to: '' }

/** A page of records, the last closed first; `before` is `next` of the page before. */
export function findRecords(wanted: Wanted, before: string, token: string): Promise<PastVisits> {
  const asked = Object.entries({ ...wanted, before }).filter(([, text]) => text)
  return request<PastVisits>(`/api/records?${new URLSearchParams(asked)}`, undefined, token)
}

/** The copy that a resident has a right to: a ZIP. */
export function makeCopy(visit: string, wanted: CopyWanted, token: string): Promise<Blob> {
  return bytes(`/api/records/${encodeURIComponent(visit)}/copies`, token, wanted)
}

export function readKeeping(token: string): Promise<KeepingView> {
  return request<KeepingView>('/api/keeping', undefined, token)
}

export function placeHold(wanted: HoldWanted, token: string): Promise<HeldNow> {
  return request<HeldNow>('/api/keeping/holds', wanted, token)
}

export function liftHold(hold: string, why: string, token: string): Promise<HeldNow> {
  return request<HeldNow>(`/api/keeping/holds/${encodeURIComponent(hold)}/lift`, { why }, token)
}

/** The certificate of a deletion, as it was sealed. */
export function readCertificate(visit: string, kind: string, token: string): Promise<Blob> {
  return bytes(`/api/keeping/deletions/${encodeURIComponent(visit)}/${kind}`, token)
}

async function bytes(path: string, token: string, body?: object): Promise<Blob> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const init: RequestInit = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers }
  const response = await fetch(path, init).catch(() => {
    throw new Failure('offline')
  })
  // A copy is made while it is sent: what goes wrong then breaks the line.
  if (response.ok) {
    return await response.blob().catch(() => {
      throw new Failure('offline')
    })
  }
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined
  throw new Failure(problem?.code ?? 'unavailable')
}
