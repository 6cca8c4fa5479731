/* Marks as shapes of an SVG whose units are the pixels of what is drawn on. Pure. */

import { getStroke } from 'perfect-freehand'
import type { Mark } from '../protocol/types'
import { FULL, type Point, unpack } from './points'

export interface Size {
  width: number
  height: number
}

export type Tool = Mark['tool'] | 'laser'

/** Thickness of the tools in thousandths of the shorter side. */
const THICK: Record<string, number> = { pen: 8, highlighter: 30, arrow: 6, box: 6, ellipse: 6, laser: 8 }

export const unit = ({ width, height }: Size): number => Math.min(width, height) / 1000

export const placed = ({ width, height }: Size, [x, y]: Point): Point => [(x * width) / FULL, (y * height) / FULL]

/** The outline of a pen's or highlighter's stroke, to be filled. */
export function inked(points: readonly Point[], tool: Tool, size: Size): string {
  const outline = getStroke(
    points.map((one) => [...placed(size, one)]),
    {
      size: (THICK[tool] ?? 6) * unit(size),
      thinning: tool === 'highlighter' ? 0 : 0.3,
      smoothing: 0.5,
      streamline: 0.4,
      simulatePressure: tool !== 'highlighter',
      last: true,
    },
  )
  if (!outline.length) return ''
  const middle = (from: number[], to: number[]): string =>
    `${round(((from[0] ?? 0) + (to[0] ?? 0)) / 2)} ${round(((from[1] ?? 0) + (to[1] ?? 0)) / 2)}`
  const first = outline[0] ?? []
  const turns = outline.map((one, at) => {
    const next = outline[(at + 1) % outline.length] ?? first
    return `${round(one[0] ?? 0)} ${round(one[1] ?? 0)} ${middle(one, next)}`
  })
  return `M${middle(outline.at(-1) ?? first, first)}Q${turns.join(' ')}Z`
}

/** The lines of an arrow, box or ellipse, to be stroked. */
export function lined(points: readonly Point[], tool: Tool, size: Size): string {
  const [from = [0, 0], to = from] = [points[0], points.at(-1)].map((one) => one && placed(size, one))
  const [[x, y], [toX, toY]] = [from, to]
  switch (tool) {
    case 'arrow': {
      const angle = Math.atan2(toY - y, toX - x)
      const head = Math.min(34 * unit(size), Math.hypot(toX - x, toY - y) * 0.6)
      const barb = (turn: number): string =>
        `${round(toX - head * Math.cos(angle + turn))} ${round(toY - head * Math.sin(angle + turn))}`
      return `M${round(x)} ${round(y)}L${round(toX)} ${round(toY)}M${barb(0.5)}L${round(toX)} ${round(toY)}L${barb(-0.5)}`
    }
    case 'box':
      return `M${round(x)} ${round(y)}H${round(toX)}V${round(toY)}H${round(x)}Z`
    default: {
      const [radiusX, radiusY] = [Math.abs(toX - x) / 2, Math.abs(toY - y) / 2].map(round)
      const [left, right, middle] = [Math.min(x, toX), Math.max(x, toX), (y + toY) / 2].map(round)
      const half = `A${radiusX} ${radiusY} 0 1 1`
      return `M${left} ${middle}${half} ${right} ${middle}${half} ${left} ${middle}Z`
    }
  }
}

export const thickness = (tool: Tool, size: Size): number => (THICK[tool] ?? 6) * unit(size)

export const isInk = (tool: Tool): boolean => tool === 'pen' || tool === 'highlighter'
export const isWords = (tool: Tool): boolean => tool === 'text' || tool === 'stamp'

/** Unpacking is done once a mark: marks never change. */
const unpacked = new Map<string, Point[]>()
const MAX_UNPACKED = 4_000

export function pointsOf(packed: string): Point[] {
  let points = unpacked.get(packed)
  if (!points) {
    if (unpacked.size >= MAX_UNPACKED) unpacked.clear()
    points = unpack(packed)
    unpacked.set(packed, points)
  }
  return points
}

const round = (number: number): number => Math.round(number * 10) / 10
