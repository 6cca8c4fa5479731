/* Who this telephone is: what its one-time link has given it. A link is good for one coming, so the session outlives a reload, and
   ends with the browser's tab. */

import type { PhoneSession, SendView } from '../protocol/types'
import { request } from '../visit/session'

const KEY = 'rvw.send'

function kept(): PhoneSession | undefined {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as PhoneSession | null
    return found && found.session.expires_at > Date.now() / 1000 ? found : undefined
  } catch {
    return undefined
  }
}

/** Come by the link in the address, or go on. Raises `Failure`: `not_found` for a link that is used or over. */
export async function come(): Promise<PhoneSession> {
  const link = location.hash.slice(1)
  const before = kept()
  if (!link && before) return before
  const session = await request<PhoneSession>('/api/phones', { link })
  sessionStorage.setItem(KEY, JSON.stringify(session))
  // Whoever looks over a shoulder, or into the history, finds nothing.
  history.replaceState(null, '', location.pathname)
  return session
}

/** What may be sent, and what has been. Raises `Failure`. */
export function look({ visit, session }: PhoneSession): Promise<SendView> {
  return request<SendView>(`/api/visits/${encodeURIComponent(visit)}/send`, undefined, session.token)
}
