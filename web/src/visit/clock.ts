/* The server's clock on the page, in seconds: times and countdowns are shown by it, because a kiosk's own may be wrong. */

import { onScopeDispose, type Ref, ref } from 'vue'

const offset_s = ref(0)

export function setServerTime(now_s: number): void {
  offset_s.value = now_s - Date.now() / 1000
}

export function serverTime(): number {
  return Date.now() / 1000 + offset_s.value
}

/** The server's time, moving on each second while the component lives. */
export function useServerTime(): Ref<number> {
  const now = ref(serverTime())
  const timer = setInterval(() => {
    now.value = serverTime()
  }, 500)
  onScopeDispose(() => clearInterval(timer))
  return now
}
