/* The catalogue on the page: names in the reader's language, what is listed, and where it can be done. Pure. */

import type { CatalogueView, Desk, Matter, Region } from '../protocol/types'

export type Language = 'zh' | 'en'

export function named(thing: { name: string; name_en: string } | undefined, language: Language): string {
  if (!thing) return ''
  return language === 'en' && thing.name_en ? thing.name_en : thing.name
}

export function categoryOf(matter: Matter, language: Language): string {
  return language === 'en' && matter.category_en ? matter.category_en : matter.category
}

export function takes(desk: Desk, matter: Matter): boolean {
  if (desk.matters.includes(matter.code)) return true
  const level = desk.levels.length === 0 || desk.levels.includes(matter.level)
  return desk.matters.includes('*') && matter.listed && level
}

/** The matters a kiosk lists that some desk takes. */
export function listedMatters({ matters, desks }: CatalogueView): Matter[] {
  return matters.filter((matter) => matter.listed && desks.some((desk) => takes(desk, matter)))
}

/** The other desks that take the matter, those of the nearest authority first: where a visit can be sent on to. */
export function desksFor({ matters, desks }: CatalogueView, code: string, but: string, authority: string): Desk[] {
  // One of very many, which the page does not hold: the server refuses a desk that does not take it.
  const matter = matters.find((one) => one.code === code)
  const far = (desk: Desk) => (desk.authority === authority ? 0 : 1)
  return desks
    .filter((desk) => desk.id !== but && (matter ? takes(desk, matter) : desk.matters.includes('*')))
    .sort((a, b) => far(a) - far(b) || a.region.localeCompare(b.region))
}

/** The desk that owns the matter there: where one goes who cannot be served over the window. */
export function nearestDesk({ desks }: CatalogueView, matter: Matter, region: Region): Desk | undefined {
  return desks.find((desk) => desk.region === region.code && takes(desk, matter))
}

export interface RegionGroup {
  /** The province or municipality. */
  top: Region
  regions: Region[]
}

/** The regions whose own desk takes the matter, by province, those nearest to `authority` first. */
export function regionsFor({ regions, desks }: CatalogueView, matter: Matter, authority: string): RegionGroup[] {
  const byCode = new Map(regions.map((region) => [region.code, region]))
  const own = desks.filter((desk) => desk.authority === authority).map((desk) => desk.region)
  const ownTops = new Set(own.map((code) => topOf(byCode, code)?.code))
  const groups = new Map<string, RegionGroup>()
  for (const code of new Set(desks.filter((desk) => takes(desk, matter)).map((desk) => desk.region))) {
    const [region, top] = [byCode.get(code), topOf(byCode, code)]
    if (!region || !top) continue
    const group = groups.get(top.code) ?? { top, regions: [] }
    group.regions.push(region)
    groups.set(top.code, group)
  }
  // The own district first, then its neighbours, the city's own desk last: whoever is unsure finds the near one.
  const far = ({ code }: Region) => (own.includes(code) ? 0 : groups.has(code) ? 2 : 1)
  for (const group of groups.values()) group.regions.sort((a, b) => far(a) - far(b) || a.code.localeCompare(b.code))
  const away = ({ top }: RegionGroup) => (ownTops.has(top.code) ? 0 : 1)
  return [...groups.values()].sort((a, b) => away(a) - away(b) || a.top.code.localeCompare(b.top.code))
}

function topOf(byCode: ReadonlyMap<string, Region>, code: string): Region | undefined {
  let region = byCode.get(code)
  for (let parent = region; parent; parent = byCode.get(parent.parent)) region = parent
  return region
}
