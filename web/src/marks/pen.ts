/* What the person draws with: one pen a page. */

import { reactive } from 'vue'
import type { Mark } from '../protocol/types'
import type { Tool } from './shapes'

export type Stamp = 'sign' | 'revise' | 'checked'
export type Colour = Mark['colour']
/** `''`: not drawing, the picture is only looked at. */
export type Held = '' | Tool | 'eraser'

export const COLOURS: readonly Colour[] = ['red', 'blue', 'green', 'black']
export const STAMPS: readonly Stamp[] = ['sign', 'revise', 'checked']

export const pen = reactive<{ tool: Held; colour: Colour; stamp: Stamp }>({ tool: '', colour: 'red', stamp: 'sign' })
