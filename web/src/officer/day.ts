/* Which of the visits on the officer's page is what: the one on offer, the one a colleague asks into, the one in hand (the
   own, or a colleague's as guest), those that are done. */

import { computed, reactive } from 'vue'
import type { Visit } from '../protocol/types'
import type { Store } from '../visit/store'
import { invitationOf, isTalk, partOf } from '../visit/who'

export function useDay(store: Store) {
  /** Closed visits whose receipt the officer has seen and put away. */
  const dismissed = reactive(new Set<string>())
  const me = store.known.you.id
  const all = computed(() => [...store.visits.values()])
  const own = computed(() => all.value.filter((one) => one.officer === me))
  const offer = computed<Visit | undefined>(() => own.value.find((one) => one.state === 'offered'))
  const asGuest = computed(() => all.value.find((one) => isTalk(one) && one.officer !== me && partOf(one, me)))
  const inHand = computed<Visit | undefined>(
    () => own.value.find((one) => isTalk(one) || one.state === 'wrapping') ?? asGuest.value,
  )
  /** One thing rings at a time: whoever is in a visit, or is offered one, is not asked into another. */
  const invitation = computed<Visit | undefined>(() =>
    offer.value || inHand.value ? undefined : all.value.find((one) => isTalk(one) && invitationOf(one, me)),
  )
  const done = computed(() =>
    own.value
      .filter((one) => one.state === 'closed' && partOf(one, me))
      .sort((a, b) => (b.closed_at ?? 0) - (a.closed_at ?? 0)),
  )
  const justClosed = computed<Visit | undefined>(() => done.value.find((one) => !dismissed.has(one.id)))
  const shown = computed(() => inHand.value ?? offer.value ?? invitation.value ?? justClosed.value)

  function dismiss(): void {
    for (const one of done.value) dismissed.add(one.id)
  }

  return { offer, invitation, inHand, done, justClosed, shown, dismiss }
}
