/* The kiosk's own test of its line: at the start, and when a clerk asks. Never in the way of a resident: it ends as soon as
   somebody touches the first screen. */

import { type InjectionKey, inject, reactive } from 'vue'
import type { PathTest } from '../protocol/types'
import { testLine } from '../visit/lineTest'
import type { Peer } from '../visit/peer'
import { keepLineTest } from '../visit/session'

export interface LineTester {
  readonly status: { running: boolean; failed: boolean; paths: PathTest[]; at: number }
  start: () => Promise<void>
  stop: () => void
}

export const LINE_TESTER: InjectionKey<LineTester> = Symbol('line tester')

export function makeLineTester(peer: Peer, now: () => number): LineTester {
  const status: LineTester['status'] = reactive({ running: false, failed: false, paths: [], at: 0 })
  let stopping = new AbortController()
  return { status, start, stop: () => stopping.abort() }

  async function start(): Promise<void> {
    if (status.running) return
    stopping = new AbortController()
    const { signal } = stopping
    Object.assign(status, { running: true, failed: false })
    try {
      const servers = await peer.ice.servers()
      const paths = await testLine(servers, (path, offer) => peer.store.echo(path, offer), signal)
      if (!paths) return
      Object.assign(status, { paths, at: now() })
      await keepLineTest(peer.token, paths)
    } catch {
      status.failed = true // the list keeps what it had; the clerk may try again
    } finally {
      status.running = false
    }
  }
}

export function useLineTester(): LineTester {
  const tester = inject(LINE_TESTER)
  if (!tester) throw new Error('no line tester has been provided')
  return tester
}
