/* One visit's application on a page: what it is, the rule pack it is for, and what may be asked of the server. */

import { computed, type Ref, watch } from 'vue'
import type { RulePack, Visit } from '../protocol/types'
import { useAsking } from '../visit/asking'
import { usePeer } from '../visit/peer'
import { useRules } from '../visit/rules'
import { Requests } from './requests'

type Field = RulePack['fields'][number]

/** Numbers that the server keeps, and shows masked. */
const MASKED: ReadonlySet<Field['kind']> = new Set(['identity-number', 'document-number'])

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

  const asking = useAsking(() => visit.value.id)

  async function fill(field: Field, value: string): Promise<void> {
    if (MASKED.has(field.kind) && value) await asking.tried(() => requests.value.fillNumber(field.id, value))
    else await asking.send({ type: 'fill_field', field: field.id, value })
  }

  return { application, pack, requests, fill, ...asking }
}
