/* Who has agreed to what: the same rules as `rvw/domain/consent.py`. Pure. */

import type { Consent, ConsentWords, Visit } from '../protocol/types'

export type Subject = Consent['subject']

/** What somebody has last answered; `undefined` for who has not. */
export function lastAnswer(visit: Visit, actor: string, subject: Subject): Consent['answer'] | undefined {
  return visit.consents.find((one) => one.actor === actor && one.subject === subject)?.answer
}

/** Whether somebody who takes part has agreed, and has not taken it back. */
export function consents(visit: Visit, actor: string, subject: Subject): boolean {
  return lastAnswer(visit, actor, subject) === 'given'
}

/** The hash of the words as they were read, which an answer names. */
export function hashOf(words: ConsentWords, language: string): string {
  return language === 'en' ? words.sha256_en : words.sha256_zh
}

/** What is read, in the reader's language. */
export function readIn({ text }: ConsentWords, language: string) {
  const english = language === 'en'
  return {
    points: text.points.map((one) => ({
      name: english ? one.name_en : one.name,
      text: english ? one.text_en : one.text,
    })),
    recording: english ? text.recording_en : text.recording,
    sensitive: english ? text.sensitive_en : text.sensitive,
  }
}
