/* The one visit that the supervisor watches, and how: what is sent follows from the mode that the server has confirmed, so
   that nobody who listens is ever heard. The media connection is there only while a visit is watched. */

import { computed, type Ref, ref, watch } from 'vue'
import type { Participant, Visit } from '../protocol/types'
import type { Device } from '../visit/devices'
import type { Peer } from '../visit/peer'
import { isTalk, partOf } from '../visit/who'

export type Mode = Participant['mode']

/** What somebody sends who takes part so. */
export function devicesOf(mode: Mode | undefined): Device[] {
  switch (mode) {
    case 'join':
      return ['mic', 'camera']
    case 'whisper':
      return ['mic']
    default:
      return []
  }
}

export function useWatching({ store, media, self }: Peer) {
  const me = store.known.you.id
  const watched = computed<Visit | undefined>(() =>
    [...store.visits.values()].find((one) => isTalk(one) && partOf(one, me)),
  )
  const mode = computed<Mode | undefined>(() => watched.value && partOf(watched.value, me)?.mode)
  const busy: Ref<boolean> = ref(false)
  const fault = ref('')

  watch(
    mode,
    (now) => {
      self.release()
      const wanted = devicesOf(now)
      if (now) media.start()
      else media.stop()
      if (wanted.length) void self.take(wanted)
      self.status.held = watched.value?.state === 'held'
    },
    { immediate: true },
  )
  watch(
    () => watched.value?.state === 'held',
    (held) => {
      self.status.held = held
    },
  )

  async function enter(visit: Visit, as: Mode): Promise<void> {
    busy.value = true
    const before = watched.value
    if (before && before.id !== visit.id) await leave()
    const answer = await store.do({ type: 'enter', mode: as }, visit.id)
    fault.value = answer.ok ? '' : answer.code
    busy.value = false
  }

  async function leave(): Promise<void> {
    if (!watched.value) return
    const answer = await store.do({ type: 'leave' }, watched.value.id)
    fault.value = answer.ok ? '' : answer.code
  }

  return { watched, mode, busy, fault, enter, leave }
}
