/* From a sheet seen at a slant to the sheet as it lies: which projection it is, how large it comes out, and its pixels. Pure.

   Corners go round clockwise from the sheet's upper left one, in parts of the picture's width and height: the same for a
   preview and for twelve megapixels. Turning the sheet by a quarter is naming another corner the first. */

export type Point = readonly [x: number, y: number]
export type Corners = readonly [Point, Point, Point, Point]

/** RGBA, row by row, as in `ImageData`. */
export interface Pixels {
  width: number
  height: number
  data: Uint8ClampedArray
}

export const WHOLE: Corners = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
]

/** Of the unit square onto a quadrilateral, row by row; the last element is 1. */
export type Projection = readonly [number, number, number, number, number, number, number, number]

/** A lens when nothing tells it: 1.2 of the longer side is that of most cameras. */
const USUAL_FOCUS = 1.2
/** What a focal length can be, in longer sides of the picture. */
const FOCUS = { least: 0.4, most: 8 }
const LARGEST_PIXELS = 24_000_000

/** Heckbert, Fundamentals of Texture Mapping (1989), section 2.2.3. */
export function projection(quad: Corners): Projection {
  const [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = quad
  const [dx1, dy1, dx2, dy2] = [x1 - x2, y1 - y2, x3 - x2, y3 - y2]
  const [sx, sy] = [x0 - x1 + x2 - x3, y0 - y1 + y2 - y3]
  const area = dx1 * dy2 - dx2 * dy1
  const g = (sx * dy2 - dx2 * sy) / area
  const h = (dx1 * sy - sx * dy1) / area
  return [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h]
}

/** Whether the corners are those of a sheet: they go round clockwise, and no side is folded in. */
export function convex(corners: Corners): boolean {
  return corners.every(([x, y], at) => {
    const [nx, ny] = corners[(at + 1) % 4] as Point
    const [mx, my] = corners[(at + 2) % 4] as Point
    return (nx - x) * (my - ny) - (ny - y) * (mx - nx) > 1e-4
  })
}

/** The corners after the sheet was turned clockwise by quarters. */
export function turned(corners: Corners, quarters: number): Corners {
  return [0, 1, 2, 3].map((at) => corners[(at - quarters + 8) % 4]) as unknown as Corners
}

/** How large the sheet comes out, in pixels, at most `longest` either way: no side loses what was seen of it. */
export function sizeOf(corners: Corners, width: number, height: number, longest = Number.POSITIVE_INFINITY): Point {
  const quad = inPixels(corners, width, height)
  const [a, b, c, d] = quad
  const across = Math.max(far(a, b), far(d, c))
  const down = Math.max(far(a, d), far(b, c))
  const ratio = aspect(quad, width, height)
  const [w, h] = across / down < ratio ? [down * ratio, down] : [across, across / ratio]
  const scale = Math.min(1, longest / Math.max(w, h), Math.sqrt(LARGEST_PIXELS / (w * h)))
  return [Math.max(1, Math.round(w * scale)), Math.max(1, Math.round(h * scale))]
}

/** The sheet's own width by height, which its sides as seen do not tell: the farther one is shorter. After Zhang and He,
    Whiteboard scanning and image enhancement (2007), section 3: the lens is centred, and the sheet has right angles. */
function aspect(quad: Corners, width: number, height: number): number {
  const centred = quad.map(([x, y]) => [x - width / 2, y - height / 2]) as unknown as Corners
  const [a, b, , d, e, , g, h] = projection(centred)
  const longer = Math.max(width, height)
  const square = -(a * b + d * e) / (g * h)
  const known = square > (FOCUS.least * longer) ** 2 && square < (FOCUS.most * longer) ** 2
  const focus2 = known ? square : (USUAL_FOCUS * longer) ** 2
  return Math.sqrt(((a * a + d * d) / focus2 + g * g) / ((b * b + e * e) / focus2 + h * h))
}

/** The sheet's pixels, each between the four that it was seen at. Twelve million of them: nothing is allocated on the way. */
export function straightened(from: Pixels, corners: Corners, [width, height]: Point): Pixels {
  const data = new Uint8ClampedArray(width * height * 4)
  const [a, b, c, d, e, f, g, h] = projection(inPixels(corners, from.width, from.height))
  const right = from.width - 1
  const bottom = from.height - 1
  for (let y = 0, to = 0; y < height; y++) {
    const v = (y + 0.5) / height
    for (let x = 0; x < width; x++, to += 4) {
      const u = (x + 0.5) / width
      const w = 1 / (g * u + h * v + 1)
      const px = Math.min(right, Math.max(0, (a * u + b * v + c) * w - 0.5))
      const py = Math.min(bottom, Math.max(0, (d * u + e * v + f) * w - 0.5))
      put(from, px, py, data, to)
    }
  }
  return { width, height, data }
}

function put(from: Pixels, px: number, py: number, data: Uint8ClampedArray, to: number): void {
  const seen = from.data
  const ix = px | 0
  const iy = py | 0
  const rx = px - ix
  const ry = py - iy
  const p = (iy * from.width + ix) * 4
  const beside = ix < from.width - 1 ? 4 : 0
  const below = iy < from.height - 1 ? from.width * 4 : 0
  const nw = (1 - rx) * (1 - ry)
  const ne = rx * (1 - ry)
  const sw = (1 - rx) * ry
  const se = rx * ry
  const q = p + beside
  const r = p + below
  const s = q + below
  data[to] = at(seen, p) * nw + at(seen, q) * ne + at(seen, r) * sw + at(seen, s) * se
  data[to + 1] = at(seen, p + 1) * nw + at(seen, q + 1) * ne + at(seen, r + 1) * sw + at(seen, s + 1) * se
  data[to + 2] = at(seen, p + 2) * nw + at(seen, q + 2) * ne + at(seen, r + 2) * sw + at(seen, s + 2) * se
  data[to + 3] = 255
}

function at(seen: Uint8ClampedArray, place: number): number {
  return seen[place] as number
}

function inPixels(corners: Corners, width: number, height: number): Corners {
  return corners.map(([x, y]) => [x * width, y * height]) as unknown as Corners
}

function far([x, y]: Point, [u, v]: Point): number {
  return Math.hypot(x - u, y - v)
}
