/* One visit's application on a page: what it is, the rule pack it is for, and what may be asked of the server. */

import { computed, type Ref, ref, watch } from 'vue'
import type { RulePack, Visit } from '../protocol/types'
import { usePeer } from '../visit/peer'
import { Failure, fetchMatter } from '../visit/session'
import { Requests } from './requests'

export function useApplication(visit: Ref<Visit>) {
  const { store, applications, token } = usePeer()
  const pack = ref<RulePack>()
  const fault = ref('')
  const busy = ref(false)
  const application = computed(() => applications.known.get(visit.value.id))
  const requests = computed(() => new Requests(visit.value.id, token))

  watch(
    () => visit.value.id,
    (id) => void applications.open(id),
    { immediate: true },
  )
  watch(
    () => visit.value.matter,
    async (matter) => {
      pack.value = await fetchMatter(matter).then(
        (found) => found.rules,
        () => undefined,
      )
    },
    { immediate: true },
  )

  /** Do something that the server may refuse; what it says is in `fault`. */
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
  async function send(command: Parameters<typeof store.do>[0]): Promise<boolean> {
    const answer = await store.do(command, visit.value.id)
    fault.value = answer.ok ? '' : answer.code
    return answer.ok
  }

  return { application, pack, requests, fault, busy, tried, send }
}
