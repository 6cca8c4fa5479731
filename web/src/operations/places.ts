/* How an authority is called on the page: by the region of its first desk, because the catalogue names no authorities. */

import { useCatalogue, useNames } from '../visit/names'

export function usePlaces(): (authority: string) => string {
  const catalogue = useCatalogue()
  const names = useNames()
  return (authority) => {
    const region = catalogue.desks.find((one) => one.authority === authority)?.region
    return region ? names.region(region) : authority
  }
}
