/* The kiosk's device bridge, opened once when the page has asked where it is. */

import { type InjectionKey, inject, provide, type ShallowRef, shallowRef } from 'vue'
import { readDevices } from '../application/requests'
import type { KioskDevices } from '../protocol/types'
import { Bridge } from './bridge'

export const BRIDGE: InjectionKey<ShallowRef<Bridge>> = Symbol('bridge')
export const DEVICES: InjectionKey<ShallowRef<KioskDevices>> = Symbol('devices')

/** Ask where the bridge is, and offer it to everything on the page; returns how to let it go. */
export function provideBridge(token: string): () => void {
  const bridge = shallowRef(new Bridge(''))
  let over = false
  const devices = shallowRef<KioskDevices>({ bridge: '', files: false })
  provide(BRIDGE, bridge)
  provide(DEVICES, devices)
  readDevices(token).then(
    (found) => {
      if (over) return
      devices.value = found
      bridge.value = new Bridge(found.bridge)
    },
    (error) => console.warn('the devices of this kiosk are not known', error),
  )
  return () => {
    over = true
    bridge.value.end()
  }
}

/** What this kiosk has and may do, as its operator has set it. */
export function useKioskDevices(): ShallowRef<KioskDevices> {
  const devices = inject(DEVICES)
  if (!devices) throw new Error('no devices have been provided')
  return devices
}

export function useBridge(): ShallowRef<Bridge> {
  const bridge = inject(BRIDGE)
  if (!bridge) throw new Error('no bridge has been provided')
  return bridge
}
