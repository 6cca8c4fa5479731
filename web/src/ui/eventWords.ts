/* What has happened in a visit and beside it, in words: one line an event. */

import { useWords } from '../i18n'
import { STAMPS, type Stamp } from '../marks/pen'
import type { PlayedEvent, Recorded } from '../protocol/types'
import { useNames } from '../visit/names'
import { length } from './times'

export type Told = Pick<Recorded | PlayedEvent, 'event' | 'by'>

/** `who` knows the names of actors; `material` and `field` those of papers and of the form's fields, by their ids. */
export interface Known {
  who: (actor: string) => string
  material?: (id: string) => string
  field?: (id: string) => string
}

export function useEventWords({ who, material = (id) => id, field = (id) => id }: Known): (told: Told) => string {
  const { t } = useWords()
  const names = useNames()
  const desks = (ids: string[]): string => ids.map(names.desk).join(' → ')
  const paper = (one: { material: string; title?: string }): string => one.title || material(one.material)
  const stampText = (words: string): string => {
    const stamp = STAMPS.find((one): one is Stamp => one === words)
    return stamp ? t(`marks.stamps.${stamp}`) : words
  }

  return ({ event, by }) => {
    switch (event.type) {
      case 'opened':
        return t('events.opened', {
          kiosk: event.kiosk_name,
          matter: names.matter(event.matter),
          region: names.region(event.region),
          desks: desks(event.desks),
        })
      case 'step_reached':
        return t('events.stepReached', { desk: names.desk(event.desk) })
      case 'offered':
        return t('events.offered', { name: who(event.officer), desk: names.desk(event.desk) })
      case 'turned_down':
        return t(`events.turnedDown.${event.reason}`, { name: who(event.officer) })
      case 'accepted':
        return t('events.accepted', { name: event.name })
      case 'entered':
        return t(`events.entered.${event.mode}`, { name: event.name })
      case 'departed':
        return t(`events.departed.${event.reason}`, { name: who(event.actor) })
      case 'said':
        return t('events.said', { name: event.name, text: event.text })
      case 'held':
        return t('events.held')
      case 'resumed':
        return t('events.resumed')
      case 'interrupted':
        return t('events.interrupted', { name: who(event.actor) })
      case 'restored':
        return t('events.restored', { name: who(event.actor) })
      case 'moved_kiosk':
        return t('events.movedKiosk', { name: event.kiosk_name })
      case 'requeued':
        return t(`events.requeued.${event.reason}`, { note: event.note })
      case 'transferred':
        return t('events.transferred', { name: who(by), desks: desks(event.desks), note: event.note })
      case 'prioritised':
        return t('events.prioritised', {
          name: who(by),
          reason: t(`priorityReason.${event.reason}`),
          wait: length(event.priority),
          note: event.note,
        })
      case 'invited':
        return t('events.invited', { name: event.name })
      case 'uninvited':
        return t('events.uninvited', { name: who(event.actor) })
      case 'taken_over':
        return t('events.takenOver', { name: event.name })
      case 'share_started':
        return t('events.shareStarted', { name: event.name })
      case 'share_stopped':
        return t('events.shareStopped', { name: who(event.actor) })
      case 'marks_allowed':
        return t(event.allowed ? 'events.marksAllowed' : 'events.marksForbidden')
      case 'consent_answered':
        return t('events.consent', {
          name: event.name,
          subject: t(`consent.${event.subject}`),
          answer: t(event.basis === 'employment' ? 'events.byEmployment' : `consent.${event.answer}`),
        })
      case 'unresolved_noted':
        return t('events.unresolved', { name: t(`people.${event.by_role as 'kiosk'}`), what: event.what })
      case 'recording_started':
        return t('events.recordingStarted')
      case 'recording_stalled':
        return t('events.recordingStalled')
      case 'recording_resumed':
        return t('events.recordingResumed')
      case 'recording_stopped':
        return t('events.recordingStopped')
      case 'ended':
        return t(`events.ended.${event.reason}`)
      case 'closed':
        return t(`events.closed.${event.reason}`, {
          name: who(by),
          outcome: t(`outcome.${event.outcome}`),
          note: event.note,
        })
      case 'handed_over':
        return t('events.handedOver', { receipt: event.receipt })
      case 'drawn':
        if (event.tool === 'text') return t('events.drawnText', { name: event.name, text: event.words })
        if (event.tool === 'stamp') return t('events.drawnStamp', { name: event.name, stamp: stampText(event.words) })
        return t('events.drawn', { name: event.name, tool: t(`marks.tools.${event.tool}`) })
      case 'erased':
        return t('events.erased', { name: who(by) })
      case 'redrawn':
        return t('events.redrawn', { name: who(by) })
      case 'cleared':
        return t('events.cleared', { name: who(by) })
      case 'page_added':
        return t(`events.pageAdded.${event.source}`, { name: event.name, paper: paper(event) })
      case 'page_replaced':
        return t('events.pageReplaced', { name: event.name })
      case 'page_removed':
        return t('events.pageRemoved', { name: event.name })
      case 'page_named':
        return t('events.pageNamed', { name: event.name, paper: paper(event) })
      case 'page_shown':
        return t('events.pageShown', { name: event.name })
      case 'page_hidden':
        return t('events.pageHidden', { name: event.name })
      case 'paper_asked':
        return t('events.paperAsked', { name: event.name, paper: paper(event), note: event.note })
      case 'paper_accepted':
        return t('events.paperAccepted', { name: event.name, paper: paper(event) })
      case 'paper_returned':
        return t('events.paperReturned', { name: event.name, paper: paper(event), note: event.note })
      case 'paper_referred':
        return t('events.paperReferred', { name: event.name, paper: event.licence.title || paper(event) })
      case 'phone_invited':
        return t('events.phoneInvited', { name: event.name })
      case 'phone_came':
        return t('events.phoneCame')
      case 'phone_dismissed':
        return t('events.phoneDismissed')
      case 'notice_given':
        return t('events.noticeGiven', { name: event.name, papers: event.missing.map(material).join('、') })
      case 'identity_asked':
        return t(`application.please.${event.subject}`)
      case 'identity_shown':
        return t('events.identityShown', {
          name: event.name,
          how: t(`application.shownBy.${event.shown_by}`),
          number: event.masked,
        })
      case 'verdict_asked':
        return t('application.askVerifier')
      case 'verdict_came':
        return t('events.verdict', { answer: t(`application.${event.same ? 'verdictSame' : 'verdictDiffers'}`) })
      case 'identity_confirmed':
        return t('events.identityConfirmed', { name: event.name })
      case 'identity_refused':
        return t('events.identityRefused', { name: event.name, note: event.note })
      case 'number_revealed':
        return t('events.numberRevealed', { name: who(by) })
      case 'field_filled':
        return t('events.fieldFilled', { name: event.name, field: field(event.field), value: event.value })
      case 'form_confirmed':
        return t('events.formConfirmed', { title: event.title })
      case 'consent_documented':
        return t('events.consentDocumented')
      case 'signature_asked':
        return t(`application.askSignature.${event.signer}`)
      case 'signature_cancelled':
        return t('events.signatureCancelled')
      case 'signing_link_made':
        return t('events.signingLinkMade')
      case 'document_signed':
        return t('application.signedBy', { name: event.name })
      case 'corrected':
        return t('events.corrected', { name: who(by), reason: event.reason })
      case 'composed':
        return t('events.composed', { time: length(event.seconds) })
      case 'redacted':
        return t('events.redacted', { name: who(by), reason: event.reason, basis: event.basis })
      default:
        return event.type
    }
  }
}
