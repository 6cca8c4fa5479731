/* What the person at this page looks at, of the papers: one page, or two side by side. Nobody else sees it until it is shown. */

import { reactive } from 'vue'
import type { PaperPage, Papers } from '../protocol/types'

/** One picture of a page: a PDF has several. */
export interface Place {
  page: number
  picture: number
}

export type Turn = 0 | 90 | 180 | 270

export const looking = reactive<{ visit: string; at: Place | undefined; beside: Place | undefined }>({
  visit: '',
  at: undefined,
  beside: undefined,
})

/** How each page was turned to be read, for as long as this page is open. */
const turns = reactive(new Map<string, Turn>())
const MAX_TURNS = 1_000

export function look(visit: string, at: Place): void {
  if (looking.visit !== visit) looking.beside = undefined
  looking.visit = visit
  looking.at = at
}

export function lookAway(): void {
  looking.at = undefined
  looking.beside = undefined
}

export const isLooking = (visit: string): boolean => looking.visit === visit && !!looking.at

/** The view that is turned, by hash: a page that is taken again begins upright. */
export const turnOf = (view: string): Turn => turns.get(view) ?? 0

export function turn(view: string): void {
  if (turns.size >= MAX_TURNS) turns.clear()
  turns.set(view, ((turnOf(view) + 90) % 360) as Turn)
}

/** All pictures of all pages, in the order of the materials, then as they came. */
export function placesOf(papers: Papers, materials: readonly string[]): Place[] {
  const rank = (page: PaperPage): number =>
    (materials.indexOf(page.material) + 1 || materials.length + 1) * 1e9 + page.id
  return [...papers.pages]
    .sort((a, b) => rank(a) - rank(b))
    .flatMap((page) => page.file.pictures.map((_, picture) => ({ page: page.id, picture })))
}

/** The how-manieth picture of its paper it is, from 1: a paper of two stills has pages 1 and 2, as a document of two pages has. */
export function numberOf(papers: Papers, { page, picture }: Place): number {
  const material = papers.pages.find((one) => one.id === page)?.material
  const before = papers.pages.filter((one) => one.material === material && one.id < page)
  return before.reduce((sum, one) => sum + one.file.pictures.length, picture + 1)
}

export const samePlace = (a: Place | undefined, b: Place | undefined): boolean =>
  a?.page === b?.page && a?.picture === b?.picture

/** What a picture is called as a surface to draw on: by its content, so that marks stay on what they were drawn on. */
export const surfaceOf = (view: string, turned: Turn): string => `page:${view}${turned ? `/${turned}` : ''}`
