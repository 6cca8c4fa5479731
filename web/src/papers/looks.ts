/* How a page is to look: as it was seen, with even light and strong ink, or that in grey. Pure; changes the pixels in place. */

import { greyOf } from './sheetFinder'
import type { Pixels } from './straighten'

export type Look = 'plain' | 'clear' | 'grey'
export const LOOKS: readonly Look[] = ['plain', 'clear', 'grey']

/** Light is told from ink in squares of so many parts of the longer side: larger than a letter, smaller than a shadow. */
const SQUARES = 40
/** How many squares away paper is looked for. */
const REACH = 2
/** Paper is what is brighter than so many of a square's pixels. */
const PAPER = 0.85
/** Where a square has no paper in it, a photograph or a stamp, it is not made white. */
const DARKEST_PAPER = 90
/** Parts of the paper's light that become white, and black. */
const WHITE = 0.92
const BLACK = 0.18

export function give(look: Look, pixels: Pixels): void {
  if (look === 'plain') return
  const grey = greyOf(pixels)
  const size = Math.ceil(Math.max(pixels.width, pixels.height) / SQUARES)
  const [across, down] = [Math.ceil(pixels.width / size), Math.ceil(pixels.height / size)]
  const light = lightOf(pixels, grey, size, across, down)
  const { data, width, height } = pixels
  for (let y = 0, at = 0; y < height; y++) {
    const row = lightOfRow(light, across, down, y / size - 0.5)
    for (let x = 0; x < width; x++, at++) {
      const paper = between(row, x / size - 0.5)
      const to = at * 4
      if (look === 'grey') {
        data[to] = data[to + 1] = data[to + 2] = inked(grey[at] as number, paper)
        continue
      }
      data[to] = inked(data[to] as number, paper)
      data[to + 1] = inked(data[to + 1] as number, paper)
      data[to + 2] = inked(data[to + 2] as number, paper)
    }
  }
}

function inked(value: number, paper: number): number {
  return ((value / paper - BLACK) * 255) / (WHITE - BLACK)
}

/** How bright the paper is in each square. */
function lightOf(
  { width, height }: Pixels,
  grey: Uint8Array,
  size: number,
  across: number,
  down: number,
): Float32Array {
  const light = new Float32Array(across * down)
  const count = new Uint32Array(256)
  for (let square = 0; square < light.length; square++) {
    const [left, top] = [(square % across) * size, Math.floor(square / across) * size]
    count.fill(0)
    let all = 0
    for (let y = top; y < Math.min(top + size, height); y++)
      for (let x = left; x < Math.min(left + size, width); x++, all++) {
        const value = grey[y * width + x] as number
        count[value] = (count[value] as number) + 1
      }
    let [level, below] = [0, 0]
    while (level < 255 && below + (count[level] as number) <= all * PAPER) below += count[level++] as number
    light[square] = Math.max(DARKEST_PAPER, level)
  }
  return spread(light, across, down)
}

/** Light falls on what has no paper of its own, a stamp or a photograph, as on the paper around it. */
function spread(light: Float32Array, across: number, down: number): Float32Array {
  const brightest = around(light, across, down, (some) => Math.max(...some))
  return around(brightest, across, down, (some) => some.reduce((sum, one) => sum + one, 0) / some.length)
}

function around(from: Float32Array, across: number, down: number, of: (some: number[]) => number): Float32Array {
  return from.map((_, square) => {
    const [x, y] = [square % across, Math.floor(square / across)]
    const some: number[] = []
    for (let v = Math.max(0, y - REACH); v <= Math.min(down - 1, y + REACH); v++)
      for (let u = Math.max(0, x - REACH); u <= Math.min(across - 1, x + REACH); u++)
        some.push(from[v * across + u] as number)
    return of(some)
  })
}

/** The light along one row, between the middles of the squares above and below. */
function lightOfRow(light: Float32Array, across: number, down: number, y: number): Float32Array {
  const place = Math.min(down - 1, Math.max(0, y))
  const above = Math.floor(place)
  const below = Math.min(down - 1, above + 1)
  const part = place - above
  return Float32Array.from(
    { length: across },
    (_, x) => (light[above * across + x] as number) * (1 - part) + (light[below * across + x] as number) * part,
  )
}

function between(row: Float32Array, x: number): number {
  const place = Math.min(row.length - 1, Math.max(0, x))
  const left = place | 0
  const right = Math.min(row.length - 1, left + 1)
  return (row[left] as number) * (1 - place + left) + (row[right] as number) * (place - left)
}
