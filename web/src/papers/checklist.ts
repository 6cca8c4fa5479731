/* The checklist of a visit: the twin of `rvw/domain/papers/checklist.py`. Pure. */

import type { Material, Papers, RulePack } from '../protocol/types'

export type Stand = 'missing' | 'there' | 'referred' | 'accepted' | 'returned' | 'here'

export interface Item {
  material: Material
  stand: Stand
  pages: number[]
  note: string
  extra: boolean
}

export const OTHER = 'other'

export function checklist(pack: RulePack, papers: Papers): Item[] {
  const asked = papers.extras.map((one) => material(one.id, one.title, one.title, true))
  if (papers.pages.some((page) => page.material === OTHER))
    asked.push(material(OTHER, '其他材料', 'Other papers', false))
  const filledHere = pack.fields.length > 0
  return [
    ...pack.materials.map((one) => item(one, papers, filledHere, false)),
    ...asked.map((one) => item(one, papers, filledHere, true)),
  ]
}

/** What must be there and is not, or was sent back. */
export function missing(items: readonly Item[]): Item[] {
  return items.filter((one) => one.stand === 'returned' || (one.stand === 'missing' && one.material.required))
}

function material(id: string, name: string, name_en: string, required: boolean): Material {
  return { id, name, name_en, kind: 'copy', required, still: true, licence: '', when: '', when_en: '' }
}

function item(one: Material, papers: Papers, filledHere: boolean, extra: boolean): Item {
  const pages = papers.pages.filter((page) => page.material === one.id).map((page) => page.id)
  const verdict = papers.verdicts.find((given) => given.material === one.id)
  const stand = standOf(one, papers, pages.length, filledHere, verdict?.accepted)
  return { material: one, stand, pages, note: verdict?.note ?? '', extra }
}

function standOf(one: Material, papers: Papers, pages: number, filledHere: boolean, accepted?: boolean): Stand {
  if (accepted !== undefined) return accepted ? 'accepted' : 'returned'
  if (papers.referred.some((reference) => reference.material === one.id)) return 'referred'
  if (pages) return 'there'
  return one.kind === 'form' && filledHere ? 'here' : 'missing'
}
