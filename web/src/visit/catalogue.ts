/* The catalogue on the page: names in the reader's language, the search for a matter, and where it can be done. Pure. */

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
  return desk.matters.includes(matter.code) || (desk.matters.includes('*') && matter.listed)
}

/** The matters a kiosk lists that some desk takes. */
export function listedMatters({ matters, desks }: CatalogueView): Matter[] {
  return matters.filter((matter) => matter.listed && desks.some((desk) => takes(desk, matter)))
}

const NOT_FOUND = 5

/** The matters that fit what was typed, best first: by name, then by everyday word or pinyin, then by category. */
export function search(matters: readonly Matter[], typed: string): Matter[] {
  const wanted = typed.trim().toLowerCase()
  if (!wanted) return [...matters]
  return matters
    .map((matter) => ({ matter, rank: rank(matter, wanted) }))
    .filter((one) => one.rank < NOT_FOUND)
    .sort((a, b) => a.rank - b.rank)
    .map((one) => one.matter)
}

function rank(matter: Matter, wanted: string): number {
  const names = [matter.name, matter.name_en.toLowerCase()]
  if (names.some((name) => name.startsWith(wanted))) return 0
  if (names.some((name) => name.includes(wanted))) return 1
  const words = matter.words.toLowerCase().split(/\s+/)
  if (words.some((word) => word.includes(wanted))) return 2
  // Somebody who types a whole sentence ("我的医保卡丢了") says the word in it. Not so with letters: "sx9" is in "sx9999".
  if (words.some((word) => word.length > 1 && !/^[\x20-\x7e]+$/.test(word) && wanted.includes(word))) return 3
  return [matter.category, matter.category_en.toLowerCase()].some((name) => name.includes(wanted)) ? 4 : NOT_FOUND
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
