/* The names of matters, regions and desks, in the reader's language, from the catalogue that the page has loaded. */

import { type InjectionKey, inject } from 'vue'
import { useWords } from '../i18n'
import type { CatalogueView } from '../protocol/types'
import { named } from './catalogue'

export const CATALOGUE: InjectionKey<CatalogueView> = Symbol('catalogue')

export function useCatalogue(): CatalogueView {
  const catalogue = inject(CATALOGUE)
  if (!catalogue) throw new Error('no catalogue has been provided')
  return catalogue
}

export function useNames() {
  const catalogue = useCatalogue()
  const { language } = useWords()
  return {
    matter: (code: string): string =>
      named(
        catalogue.matters.find((one) => one.code === code),
        language.value,
      ) || code,
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
