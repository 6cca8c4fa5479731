/* One still on its way to becoming a page: where the sheet lies in it, how it is turned and looks, and what it will be. */

import { onScopeDispose, ref, shallowRef } from 'vue'
import { Darkroom } from './darkroom'
import type { Look } from './looks'
import { type Corners, turned, WHOLE } from './straighten'

/** What a page is called as a file: by its paper, without what is not taken in a name. */
export function named(paper: string, page: Blob): string {
  const words = paper.replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim()
  return `${words.slice(0, 60) || 'still'}.${page.type === 'image/png' ? 'png' : 'jpg'}`
}

export function useStill() {
  const still = shallowRef<Blob>()
  const corners = ref<Corners>(WHOLE)
  const look = ref<Look>('plain')
  const size = ref<[width: number, height: number]>([1, 1])
  /** Addresses of the still and of the page as it would be. */
  const seen = ref('')
  const preview = ref('')
  /** Corners were found, and nobody had to put them. */
  const found = ref(false)
  const busy = ref(false)
  let darkroom: Darkroom | undefined
  let latest = 0

  function address(of: typeof seen, blob: Blob | undefined): void {
    if (of.value) URL.revokeObjectURL(of.value)
    of.value = blob ? URL.createObjectURL(blob) : ''
  }

  async function take(blob: Blob): Promise<void> {
    drop()
    busy.value = true
    const picture = await createImageBitmap(blob)
    size.value = [picture.width, picture.height]
    picture.close()
    darkroom = new Darkroom()
    const sheet = await darkroom.load(blob)
    still.value = blob
    address(seen, blob)
    found.value = sheet !== undefined
    corners.value = sheet ?? WHOLE
    look.value = 'plain'
    await show()
  }

  /** Show what the page would be. Of several askings the last one counts. */
  async function show(): Promise<void> {
    const mine = ++latest
    busy.value = true
    const page = await darkroom?.develop(corners.value, look.value, true)
    if (mine !== latest) return
    address(preview, page)
    busy.value = false
  }

  function put(at: Corners): void {
    corners.value = at
  }

  function turn(): void {
    corners.value = turned(corners.value, 1)
    void show()
  }

  function dress(as: Look): void {
    look.value = as
    void show()
  }

  /** The page at full size; the still itself, byte for byte, if nothing was done to it. */
  async function develop(): Promise<Blob> {
    const blob = still.value
    if (!blob || !darkroom) throw new Error('there is no still')
    if (look.value === 'plain' && JSON.stringify(corners.value) === JSON.stringify(WHOLE)) return blob
    return darkroom.develop(corners.value, look.value, false)
  }

  function drop(): void {
    latest += 1
    darkroom?.end()
    darkroom = undefined
    still.value = undefined
    busy.value = false
    address(seen, undefined)
    address(preview, undefined)
  }

  onScopeDispose(drop)
  return { still, corners, look, size, seen, preview, found, busy, take, show, put, turn, dress, develop, drop }
}
