/* The names of matters, regions and desks, in the reader's language, from the catalogue that the page has loaded. */

import { type InjectionKey, inject } from 'vue'
import { useWords } from '../i18n'
import type { CatalogueView } from '../protocol/types'
import { named } from './catalogue'
import { fetchMatter } from './session'

export const CATALOGUE: InjectionKey<CatalogueView> = Symbol('catalogue')

export function useCatalogue(): CatalogueView {
  const catalogue = inject(CATALOGUE)
  if (!catalogue) throw new Error('no catalogue has been provided')
  return catalogue
}

const asked = new Set<string>()

/** Of very many matters a page holds the first only; one that a visit names is asked for once. */
function learn(catalogue: CatalogueView, code: string): void {
  if (!code || catalogue.listed <= catalogue.matters.length || asked.has(code)) return
  asked.add(code)
  fetchMatter(code).then(
    ({ matter }) => {
      catalogue.matters = [...catalogue.matters, matter]
    },
    () => asked.delete(code),
  )
}

export function useNames() {
  const catalogue = useCatalogue()
  const { language } = useWords()
  return {
    matter: (code: string): string => {
      const matter = catalogue.matters.find((one) => one.code === code)
      if (!matter) learn(catalogue, code)
      return named(matter, language.value) || code
    },
    region: (code: string): string =>
      named(
        catalogue.regions.find((one) => one.code === code),
        language.value,
      ) || code,
    desk: (id: string): string =>
      named(
        catalogue.desks.find((one) => one.id === id),
        language.value,
      ) || id,
  }
}
