/* Asking the server for something it may refuse: what it says is in `fault`, in its own codes. */

import { usePeer } from './peer'
import { useTrying } from './trying'
import type { Command } from './wire'

export function useAsking(visit: () => string) {
  const { store } = usePeer()
  const { fault, busy, tried } = useTrying()

  /** Send a command; `true` when it was done. */
  async function send(command: Command): Promise<boolean> {
    const answer = await store.do(command, visit())
    fault.value = answer.ok ? '' : answer.code
    return answer.ok
  }

  return { fault, busy, tried, send }
}
