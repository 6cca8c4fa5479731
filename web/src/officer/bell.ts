/* Rings and flashes the page's title while a visit is on offer: the officer may be looking at another window. */

import { onScopeDispose, type Ref, watch } from 'vue'
import { chime } from '../ui/chime'

const RING_MS = 2500

export function useBell(ringing: Readonly<Ref<boolean>>, words: () => string): void {
  let timer: ReturnType<typeof setInterval> | undefined
  let title = document.title
  let odd = false

  function ring(): void {
    odd = !odd
    document.title = odd ? `● ${words()}` : title
    chime('call')
  }

  function stop(): void {
    clearInterval(timer)
    if (timer) document.title = title
    timer = undefined
  }

  watch(
    ringing,
    (on) => {
      stop()
      if (!on) return
      title = document.title
      ring()
      timer = setInterval(ring, RING_MS)
    },
    { immediate: true },
  )
  onScopeDispose(stop)
}
