/* Where the sheet lies: the largest part of the picture that is brighter, or darker, than the table, if it has four corners. A
   guess that the resident may correct; no guess is better than a wrong one. Pure. */

import type { Corners, Pixels, Point } from './straighten'

/** What a sheet takes of the picture: less is a thing that lies beside it, more is the picture itself. */
const PART = { least: 0.06, most: 0.97 }
/** How much of the four corners' area is between the part's edges. */
const FILLED = { least: 0.85, most: 1.06 }

/** `undefined` when nothing looks like a sheet. `small` is a picture of some hundred pixels. */
export function findSheet(small: Pixels): Corners | undefined {
  const grey = greyOf(small)
  const level = otsu(grey)
  return sheetIn(small, (at) => (grey[at] as number) > level) ?? sheetIn(small, (at) => (grey[at] as number) <= level)
}

export function greyOf({ data }: Pixels): Uint8Array {
  const grey = new Uint8Array(data.length / 4)
  // ITU-R BT.601, in whole numbers.
  for (let at = 0, from = 0; at < grey.length; at++, from += 4)
    grey[at] = ((data[from] as number) * 77 + (data[from + 1] as number) * 150 + (data[from + 2] as number) * 29) >> 8
  return grey
}

/** The level that parts bright from dark best (Otsu 1979). */
function otsu(grey: Uint8Array): number {
  const count = new Uint32Array(256)
  for (const one of grey) count[one] = (count[one] as number) + 1
  const all = count.reduce((sum, many, level) => sum + many * level, 0)
  let [below, sum, best, at] = [0, 0, -1, 127]
  for (let level = 0; level < 255; level++) {
    below += count[level] as number
    sum += (count[level] as number) * level
    const above = grey.length - below
    if (!below || !above) continue
    const apart = below * above * (sum / below - (all - sum) / above) ** 2
    if (apart > best) [best, at] = [apart, level]
  }
  return at
}

function sheetIn({ width, height }: Pixels, belongs: (at: number) => boolean): Corners | undefined {
  const part = largest(width, height, belongs)
  if (part.length < PART.least * width * height) return undefined
  const corners = cornersOf(part, width)
  const whole = area(corners)
  if (whole > PART.most * width * height) return undefined
  const filled = spanned(part, width, height) / whole
  if (filled < FILLED.least || filled > FILLED.most) return undefined
  return corners.map(([x, y]) => [x / width, y / height]) as unknown as Corners
}

/** The places of the largest connected part. */
function largest(width: number, height: number, belongs: (at: number) => boolean): Uint32Array {
  const seen = new Uint8Array(width * height)
  let best = new Uint32Array(0)
  const stack = new Uint32Array(width * height)
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] || !belongs(start)) continue
    let found = 0
    let next = 0
    stack[found++] = start
    seen[start] = 1
    // The stack is never taken from: what was found is what is left in it.
    while (next < found) {
      const at = stack[next++] as number
      const x = at % width
      for (const beside of [x > 0 ? at - 1 : at, x < width - 1 ? at + 1 : at, at - width, at + width]) {
        if (beside < 0 || beside >= seen.length || seen[beside] || !belongs(beside)) continue
        seen[beside] = 1
        stack[found++] = beside
      }
    }
    if (found > best.length) best = stack.slice(0, found)
  }
  return best
}

/** The places farthest to the four corners of the picture. Pixels are squares: each corner is that of its own. */
function cornersOf(part: Uint32Array, width: number): Corners {
  const corners: Point[] = []
  for (const [sx, sy] of [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ] as const) {
    let [far, x, y] = [Number.NEGATIVE_INFINITY, 0, 0]
    for (const at of part) {
      const [px, py] = [at % width, Math.floor(at / width)]
      if (px * sx + py * sy > far) [far, x, y] = [px * sx + py * sy, px, py]
    }
    corners.push([x + (sx > 0 ? 1 : 0), y + (sy > 0 ? 1 : 0)])
  }
  return corners as unknown as Corners
}

/** How much is between the part's left and right edge, row by row: what is printed on a sheet belongs to it. */
function spanned(part: Uint32Array, width: number, height: number): number {
  const left = new Int32Array(height).fill(width)
  const right = new Int32Array(height).fill(-1)
  for (const at of part) {
    const [x, y] = [at % width, Math.floor(at / width)]
    left[y] = Math.min(left[y] as number, x)
    right[y] = Math.max(right[y] as number, x)
  }
  return left.reduce((sum, from, y) => sum + Math.max(0, (right[y] as number) - from + 1), 0)
}

function area(corners: Corners): number {
  return (
    corners.reduce((sum, [x, y], at) => {
      const [nx, ny] = corners[(at + 1) % 4] as Point
      return sum + x * ny - nx * y
    }, 0) / 2
  )
}
