/* The readers of a kiosk while something is asked for: card and code are waited for at once, each for itself, and what comes is
   taken one after the other. A card that was of no use is not read again where it lies, nor is a code that was just refused: a
   reader would say the same, without end. */

import { onScopeDispose, type Ref, watch } from 'vue'
import type { CardRead, CodeRead, Device, DeviceFailed } from '../protocol/types'
import type { Asked, Bridge, Found } from './bridge'

/** How long a device waits for somebody before the page asks again by itself. */
const WITHIN_S = 120

export type Read = CardRead | CodeRead
type Reader = 'read_card' | 'read_code'
type Wanted = 'person' | 'business'

const KINDS: Record<Reader, Device['kind']> = { read_card: 'card_reader', read_code: 'code_reader' }

/** Read while `wanted` says for what. `take` returns whether what was read has been of use: nothing more is read then. */
export function useReaders(
  bridge: Ref<Bridge>,
  wanted: () => Wanted | undefined,
  take: (read: Read) => Promise<boolean>,
  failed: (code: DeviceFailed['code'] | '') => void,
): void {
  const waiting = new Map<Reader, Asked>()
  let refused = ''
  let turn: Promise<void> = Promise.resolve()

  function read(reader: Reader, another: boolean): void {
    const asked = bridge.value.ask(
      reader === 'read_card' ? { type: reader, within_s: WITHIN_S, another } : { type: reader, within_s: WITHIN_S },
    )
    waiting.set(reader, asked)
    void asked.answer.then((found) => {
      turn = turn.then(() => answered(reader, another, asked, found))
    })
  }

  async function answered(reader: Reader, another: boolean, asked: Asked, found: Found): Promise<void> {
    if (waiting.get(reader) !== asked) return
    const next = await after(found, another)
    if (waiting.get(reader) !== asked) return
    if (next === 'no more') waiting.delete(reader)
    else read(reader, next === 'another')
  }

  /** Take what a reader answered; what is to be read next. */
  async function after(found: Found, another: boolean): Promise<'this' | 'another' | 'no more'> {
    if (found.type === 'card_read' || found.type === 'code_read') {
      if (found.type === 'code_read' && found.code === refused) return 'another'
      failed('')
      if (await take(found)) stop()
      else if (found.type === 'code_read') refused = found.code
      return 'another'
    }
    if (found.type !== 'device_failed' || found.code === 'stopped' || found.code === 'busy') return 'no more'
    if (found.code === 'nothing_shown') return another ? 'another' : 'this'
    failed(found.code)
    return found.code === 'unreadable' ? 'another' : 'no more'
  }

  function stop(reader?: Reader): void {
    for (const [one, asked] of waiting) {
      if (reader !== undefined && one !== reader) continue
      waiting.delete(one)
      asked.stop()
    }
  }

  for (const reader of ['read_card', 'read_code'] as const) {
    const wants = () => wanted() === 'person' || (wanted() === 'business' && reader === 'read_code')
    watch(
      [wants, () => bridge.value.has(KINDS[reader])],
      ([wanting, there]) => {
        if (!wanting) stop(reader)
        else if (there) read(reader, false)
        // A device that is pulled out answers so itself.
      },
      { immediate: true },
    )
  }
  watch(
    wanted,
    (subject) => {
      failed('')
      refused = ''
      if (subject) bridge.value.look()
    },
    { immediate: true },
  )
  onScopeDispose(() => stop())
}
