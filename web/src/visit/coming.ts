/* What comes by itself: asked for again until it is there, because nobody is there to press "again", or has a hand free. */

import { onScopeDispose, type ShallowRef, shallowRef, type WatchSource, watch } from 'vue'

export const AGAIN_MS = 3000

/** What `read` gives for `of`; read again when that changes, or one of `also`. Nothing of another is ever shown. */
export function useComing<T>(
  of: () => string,
  read: (of: string) => Promise<T>,
  also: WatchSource[] = [],
): ShallowRef<T | undefined> {
  const found = shallowRef<T>()
  let latest = 0
  let again: ReturnType<typeof setTimeout> | undefined

  async function load(): Promise<void> {
    latest += 1
    const mine = latest
    clearTimeout(again)
    try {
      const one = await read(of())
      if (mine === latest) found.value = one
    } catch {
      if (mine === latest) again = setTimeout(load, AGAIN_MS)
    }
  }

  watch(of, () => {
    found.value = undefined
  })
  watch([of, ...also], load, { immediate: true })
  onScopeDispose(() => {
    latest += 1
    clearTimeout(again)
  })
  return found
}
