/* The figures that the panels show: those of today as the server tells them, or, when the page is narrowed to a region or a
   desk, those asked for, again whenever the server has told new ones. */

import { type InjectionKey, inject, onScopeDispose, provide, type ShallowRef, shallowRef, watch } from 'vue'
import type { Report } from '../protocol/types'
import { fetchReport } from '../visit/session'
import type { Store } from '../visit/store'
import type { Filter } from './view'

/** How often narrowed figures are asked for at most. */
const PAUSE_MS = 5_000

const REPORT: InjectionKey<ShallowRef<Report | undefined>> = Symbol('report')

export function provideReport(store: Store, filter: Filter): ShallowRef<Report | undefined> {
  const shown = shallowRef<Report>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked_ms = 0

  async function ask(): Promise<void> {
    timer = undefined
    asked_ms = performance.now()
    const { region, desk } = filter
    try {
      const report = await fetchReport({ region, desk })
      if (filter.region === region && filter.desk === desk) shown.value = report
    } catch {
      return // the numbers on the page stay, and the next report of the server asks again
    }
  }

  watch(
    [() => filter.region, () => filter.desk],
    () => {
      clearTimeout(timer)
      shown.value = undefined
      if (filter.region || filter.desk) void ask()
      else shown.value = store.report.value
    },
    { flush: 'sync' },
  )
  watch(store.report, (report) => {
    if (!filter.region && !filter.desk) shown.value = report
    else timer ??= setTimeout(() => void ask(), Math.max(0, asked_ms + PAUSE_MS - performance.now()))
  })
  shown.value = store.report.value
  onScopeDispose(() => clearTimeout(timer))
  provide(REPORT, shown)
  return shown
}

export function useReport(): ShallowRef<Report | undefined> {
  const report = inject(REPORT)
  if (!report) throw new Error('no report has been provided')
  return report
}
