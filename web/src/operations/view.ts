/* What the panels of the page look at: the visits and shifts that this supervisor sees, narrowed to a region or a desk. */

import { type ComputedRef, computed, type InjectionKey, inject, provide, type Ref, reactive } from 'vue'
import type { CatalogueView, Shift, Visit } from '../protocol/types'
import { useServerTime } from '../visit/clock'
import { useCatalogue } from '../visit/names'
import type { Store } from '../visit/store'

export interface Filter {
  /** A code, or empty for all. */
  region: string
  desk: string
}

export interface View {
  filter: Filter
  /** Every visit that fits, closed ones too. */
  visits: ComputedRef<Visit[]>
  officers: ComputedRef<Shift[]>
  kiosks: ComputedRef<Shift[]>
  now: Ref<number>
}

export const VIEW: InjectionKey<View> = Symbol('view')

export function provideView(store: Store): View {
  const catalogue = useCatalogue()
  const filter = reactive<Filter>({ region: '', desk: '' })
  const shifts = computed(() => [...store.shifts.values()])
  const view: View = {
    filter,
    visits: computed(() => [...store.visits.values()].filter((one) => fits(catalogue, filter, [deskOf(one)]))),
    officers: computed(() =>
      shifts.value.filter((one) => one.role === 'officer' && fits(catalogue, filter, one.desks)),
    ),
    kiosks: computed(() => shifts.value.filter((one) => one.role === 'kiosk')),
    now: useServerTime(),
  }
  provide(VIEW, view)
  return view
}

export function useView(): View {
  const view = inject(VIEW)
  if (!view) throw new Error('no view has been provided')
  return view
}

/** The desk whose queue a visit is in, or that has answered it. */
export const deskOf = (visit: Visit): string => visit.desk || visit.desks[0] || ''

/** The region of a desk; empty while the catalogue is not there. */
export const regionOf = (catalogue: CatalogueView, desk: string): string =>
  catalogue.desks.find((one) => one.id === desk)?.region ?? ''

/** Whether one of the desks is what the filter asks for. */
export function fits(catalogue: CatalogueView, filter: Filter, desks: readonly string[]): boolean {
  if (filter.desk) return desks.includes(filter.desk)
  return !filter.region || desks.some((one) => regionOf(catalogue, one) === filter.region)
}
