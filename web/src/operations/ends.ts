/* When a notice may end, as a supervisor says it. Days are the window's own: Shanghai, eight hours before UTC, no summer time. */

const DAY_S = 86_400
const SHANGHAI_S = 8 * 3_600
const EVENING_S = 18 * 3_600
/** Until the evening is offered as long as it is not nearly there. */
const SOON_S = 15 * 60

export interface End {
  name: 'quarter' | 'hour' | 'half_day' | 'evening'
  until: number
}

export function endsOf(now_s: number): End[] {
  const evening = Math.floor((now_s + SHANGHAI_S) / DAY_S) * DAY_S + EVENING_S - SHANGHAI_S
  const ends: End[] = [
    { name: 'quarter', until: now_s + 15 * 60 },
    { name: 'hour', until: now_s + 3_600 },
    { name: 'half_day', until: now_s + 4 * 3_600 },
  ]
  return evening - now_s > SOON_S ? [...ends, { name: 'evening', until: evening }] : ends
}
