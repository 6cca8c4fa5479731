/* A picture of the papers as an address for `<img>`: fetched with the page's token, and forgotten with the part that shows it. */

import { onScopeDispose, type Ref, ref, watch } from 'vue'
import { usePeer } from '../visit/peer'
import { codeOf } from '../visit/session'
import { readFile } from './requests'

/** `url` is empty until the picture is there; `fault` is why it is not. */
export function usePicture(visit: () => string, sha256: () => string): { url: Ref<string>; fault: Ref<string> } {
  const { token } = usePeer()
  const url = ref('')
  const fault = ref('')

  function forget(): void {
    if (url.value) URL.revokeObjectURL(url.value)
    url.value = ''
  }

  watch(
    sha256,
    async (wanted) => {
      forget()
      fault.value = ''
      if (!wanted) return
      try {
        const found = await readFile(visit(), wanted, token)
        if (sha256() === wanted) url.value = URL.createObjectURL(found)
      } catch (error) {
        if (sha256() === wanted) fault.value = codeOf(error)
      }
    },
    { immediate: true },
  )
  onScopeDispose(forget)
  return { url, fault }
}
