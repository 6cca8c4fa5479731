/* Which of the visits on the officer's page is what: the one on offer, the one in hand, those that are done. */

import { computed, reactive } from 'vue'
import type { Visit } from '../protocol/types'
import type { Store } from '../visit/store'
import { isTalk } from '../visit/who'

export function useDay(store: Store) {
  /** Closed visits whose receipt the officer has seen and put away. */
  const dismissed = reactive(new Set<string>())
  const own = computed(() => [...store.visits.values()].filter((one) => one.officer === store.known.you.id))
  const offer = computed<Visit | undefined>(() => own.value.find((one) => one.state === 'offered'))
  const inHand = computed<Visit | undefined>(() => own.value.find((one) => isTalk(one) || one.state === 'wrapping'))
  const done = computed(() =>
    own.value
      .filter((one) => one.state === 'closed' && one.participants.some((who) => who.actor === store.known.you.id))
      .sort((a, b) => (b.closed_at ?? 0) - (a.closed_at ?? 0)),
  )
  const justClosed = computed<Visit | undefined>(() => done.value.find((one) => !dismissed.has(one.id)))
  const shown = computed(() => inHand.value ?? offer.value ?? justClosed.value)

  function dismiss(): void {
    for (const one of done.value) dismissed.add(one.id)
  }

  return { offer, inHand, done, justClosed, shown, dismiss }
}
