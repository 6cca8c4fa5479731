/* Times and lengths as they are written on the pages. */

/** An instant as `14:05`, in the window's own time, wherever the machine believes to be. */
export function clockTime(at_s: number): string {
  return new Date(at_s * 1000).toLocaleTimeString('zh-CN', {
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
    timeZone: 'Asia/Shanghai',
  })
}

/** An instant as `14:05:09`, in the window's own time. */
export function exactTime(at_s: number): string {
  return new Date(at_s * 1000).toLocaleTimeString('zh-CN', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
    timeZone: 'Asia/Shanghai',
  })
}

/** An instant as `2026-11-23 14:05:09`, in the window's own time: the same in every language. */
export function stamp(at_s: number): string {
  return `${new Date(at_s * 1000).toLocaleDateString('sv-SE', { timeZone: 'Asia/Shanghai' })} ${exactTime(at_s)}`
}

/** A day as `11月23日周一` or `Mon 23 Nov`, in the window's own time. */
export function dayName(at_s: number, language: 'zh' | 'en'): string {
  return new Date(at_s * 1000).toLocaleDateString(language === 'zh' ? 'zh-CN' : 'en-GB', {
    month: language === 'zh' ? 'long' : 'short',
    day: 'numeric',
    weekday: 'short',
    timeZone: 'Asia/Shanghai',
  })
}

/** An instant of another day as `11月23日 周一 09:30` or `Mon 23 Nov, 09:30`, in the window's own time. */
export function dayTime(at_s: number, language: 'zh' | 'en'): string {
  return `${dayName(at_s, language)} ${clockTime(at_s)}`
}

/** Until when something is to be done, as people read it: what ends at midnight ends at 23:59 of the day before. */
export function lastMinute({ deadline }: { deadline: number }): number {
  return clockTime(deadline) === '00:00' || clockTime(deadline) === '24:00' ? deadline - 60 : deadline
}

/** A length as `4:05`, or `1:04:05`. */
export function length(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (n: number): string => String(n).padStart(2, '0')
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}
