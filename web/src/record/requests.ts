/* What this page asks of the server. Each raises `Failure`, and each is in the audit log there. */

import type { Playback, Viewing } from '../protocol/types'
import { request } from '../visit/session'

const at = (visit: string, path: string): string => `/api/records/${encodeURIComponent(visit)}/${path}`

/** Everything of a visit that is over but the bytes. */
export function readPlayback(visit: string, token: string): Promise<Playback> {
  return request<Playback>(at(visit, 'playback'), undefined, token)
}

/** Watch for some minutes. */
export function openViewing(visit: string, token: string): Promise<Viewing> {
  return request<Viewing>(at(visit, 'viewings'), {}, token)
}
