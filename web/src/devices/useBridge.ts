/* The kiosk's device bridge, opened once when the page has asked where it is. */

import { type InjectionKey, inject, provide, type ShallowRef, shallowRef } from 'vue'
import { readDevices } from '../application/requests'
import { Bridge } from './bridge'

export const BRIDGE: InjectionKey<ShallowRef<Bridge>> = Symbol('bridge')

/** Ask where the bridge is, and offer it to everything on the page; returns how to let it go. */
export function provideBridge(token: string): () => void {
  const bridge = shallowRef(new Bridge(''))
  let over = false
  provide(BRIDGE, bridge)
  readDevices(token).then(
    ({ bridge: url }) => {
      if (!over) bridge.value = new Bridge(url)
    },
    (error) => console.warn('the devices of this kiosk are not known', error),
  )
  return () => {
    over = true
    bridge.value.end()
  }
}

export function useBridge(): ShallowRef<Bridge> {
  const bridge = inject(BRIDGE)
  if (!bridge) throw new Error('no bridge has been provided')
  return bridge
}
