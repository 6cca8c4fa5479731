import { expect, test } from 'vitest'
import { Translations, tongueOf } from './translations'

test('a line is in the language of its letters, as the server says', () => {
  expect(['请放平。', '我的 card', 'Where?', '138-0000', '👍'].map(tongueOf)).toEqual([
    'zh',
    'zh',
    'en',
    undefined,
    undefined,
  ])
})

function asking(answers: Record<string, unknown>) {
  const asked: string[] = []
  const all = new Translations(async <T>(path: string) => {
    asked.push(path)
    if (!(path in answers)) throw new Error('unavailable')
    return answers[path] as T
  })
  return { asked, all, settled: () => new Promise((done) => setTimeout(done)) }
}

test('a line that is not in the reader’s language is asked for once, and one that is never', async () => {
  const { asked, all, settled } = asking({
    '/api/translator': { name: 'demo: phrases' },
    '/api/visits/v/chat/0/en': { text: 'Lay it flat.', language: 'en', translator: 'demo: phrases' },
  })
  all.of('v', 0, '请放平。', 'en')
  await settled()
  expect(all.of('v', 0, '请放平。', 'en')).toBe('')
  await settled()
  expect(all.of('v', 0, '请放平。', 'en')).toBe('Lay it flat.')
  expect(all.of('v', 0, '请放平。', 'zh')).toBe('')
  expect(all.of('v', 1, '138', 'en')).toBe('')
  expect(asked).toEqual(['/api/translator', '/api/visits/v/chat/0/en'])
})

test('while nobody translates no line is asked for; one that failed is asked for again', async () => {
  const off = asking({ '/api/translator': { name: '' } })
  off.all.of('v', 0, '请放平。', 'en')
  await off.settled()
  off.all.of('v', 0, '请放平。', 'en')
  expect(off.asked).toEqual(['/api/translator'])

  const away = asking({ '/api/translator': { name: 'words.example.org' } })
  away.all.of('v', 0, '请放平。', 'en')
  await away.settled()
  for (const _ of [1, 2]) {
    away.all.of('v', 0, '请放平。', 'en')
    await away.settled()
  }
  expect(away.asked.filter((path) => path.includes('chat'))).toHaveLength(2)
})
