/* Asking the server for something it may refuse: what it says is in `fault`, in its own codes. */

import { usePeer } from './peer'
import { useTrying } from './trying'
import type { Command } from './wire'

/** `visit`: the one that commands are for, unless another is named; none for what concerns no visit. */
export function useAsking(visit: () => string = () => '') {
  const { store } = usePeer()
  const { fault, busy, tried } = useTrying()

  /** Send a command; `true` when it was done. */
  async function send(command: Command, to: string = visit()): Promise<boolean> {
    busy.value = true
    const answer = await store.do(command, to)
    busy.value = false
    fault.value = answer.ok ? '' : answer.code
    return answer.ok
  }

  return { fault, busy, tried, send }
}
