/* Asking the server for something it may refuse: what it says is in `fault`, in its own codes. */

import { ref } from 'vue'
import { usePeer } from './peer'
import { Failure } from './session'
import type { Command } from './wire'

export function useAsking(visit: () => string) {
  const { store } = usePeer()
  const fault = ref('')
  const busy = ref(false)

  /** Do something that is refused with `Failure`; `undefined` when it was. */
  async function tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    busy.value = true
    fault.value = ''
    try {
      return await work()
    } catch (error) {
      fault.value = error instanceof Failure ? error.code : 'unknown'
      return undefined
    } finally {
      busy.value = false
    }
  }

  /** Send a command; `true` when it was done. */
  async function send(command: Command): Promise<boolean> {
    const answer = await store.do(command, visit())
    fault.value = answer.ok ? '' : answer.code
    return answer.ok
  }

  return { fault, busy, tried, send }
}
