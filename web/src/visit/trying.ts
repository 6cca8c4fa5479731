/* Doing something that the server may refuse: what it says is in `fault`, in its own codes. */

import { ref } from 'vue'
import { codeOf } from './session'

export function useTrying() {
  const fault = ref('')
  const busy = ref(false)

  /** Do something that is refused with `Failure`; `undefined` when it was. */
  async function tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    busy.value = true
    fault.value = ''
    try {
      return await work()
    } catch (error) {
      fault.value = codeOf(error)
      return undefined
    } finally {
      busy.value = false
    }
  }

  return { fault, busy, tried }
}
