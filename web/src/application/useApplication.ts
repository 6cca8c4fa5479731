/* One visit's application on a page: what it is, the rule pack it is for, and what may be asked of the server. */

import { computed, type Ref, watch } from 'vue'
import type { Visit } from '../protocol/types'
import { useAsking } from '../visit/asking'
import { usePeer } from '../visit/peer'
import { useRules } from '../visit/rules'
import { Requests } from './requests'

export function useApplication(visit: Ref<Visit>) {
  const { applications, token } = usePeer()
  const pack = useRules(() => visit.value.matter)
  const application = computed(() => applications.known.get(visit.value.id))
  const requests = computed(() => new Requests(visit.value.id, token))

  watch(
    () => visit.value.id,
    (id) => void applications.open(id),
    { immediate: true },
  )

  return { application, pack, requests, ...useAsking(() => visit.value.id) }
}
