/* The drawings of `AppIcon`: 24 × 24, lines of 2, square ends, as in the mark. */

export const ICONS = {
  arrow: 'M5 12h14M13 6l6 6-6 6',
  back: 'M19 12H5M11 6l-6 6 6 6',
  check: 'M4 12.5l5.5 5.5L20 6.5',
  cross: 'M5 5l14 14M19 5L5 19',
  mic: 'M9 4h6v9H9zM5 11v2a7 7 0 0 0 14 0v-2M12 20v2',
  micOff: 'M9 9V4h6v9M5 11v2a7 7 0 0 0 11 5.7M12 20v2M3 3l18 18',
  camera: 'M3 6h12v12H3zM15 10l6-3v10l-6-3',
  cameraOff: 'M7 6h8v8M15 10l6-3v10l-3-1.5M12 18H3V6M3 3l18 18',
  hold: 'M8 5v14M16 5v14',
  resume: 'M7 4l12 8-12 8z',
  leave: 'M10 4H4v16h6M9 12h12M16 7l5 5-5 5',
  eye: 'M2 12c3-5 6.500-7 10-7s7 2 10 7c-3 5-6.500 7-10 7s-7-2-10-7zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z',
  whisper: 'M4 5h16v11h-9l-5 4v-4H4zM8 10.500h8',
  invite: 'M10 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM2 21c0-5 3.500-7 8-7 1.500 0 2.900.2 4 .7M18 14v8M14 18h8',
  sendOn: 'M4 7h14M14 3l4 4-4 4M20 17H6M10 13l-4 4 4 4',
  screen: 'M3 4h18v12H3zM8 21h8M12 16v5M12 13V8M9 10l3-3 3 3',
  screenOff: 'M3 4h18v12H3zM8 21h8M12 16v5M9 7.500l6 5M15 7.500l-6 5',
  search: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5L21 21',
  sound: 'M4 9v6h4l5 4V5L8 9zM16.5 8.5a5 5 0 0 1 0 7M19 6a9 9 0 0 1 0 12',
  stop: 'M6 6h12v12H6z',
  type: 'M2 19L8 5l6 14M4 15h8M15 19l3.5-8 3.5 8M16 16.5h5',
  contrast: 'M12 3a9 9 0 1 1 0 18zM12 3a9 9 0 1 0 0 18',
  person: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4 21c0-5 3.5-7 8-7s8 2 8 7',
  send: 'M4 12L20 4l-5 16-3-7z',
  down: 'M12 5v14M6 13l6 6 6-6',
  warning: 'M12 4l9 16H3zM12 10v5M12 17v1',
  link: 'M4 18h3v-4H4zM10.500 18h3V10h-3zM17 18h3V5h-3z',
  erase: 'M8 6h13v12H8l-5-6zM11.500 9.500l5 5M16.500 9.500l-5 5',
} as const

export type IconName = keyof typeof ICONS
