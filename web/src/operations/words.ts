/* What has happened in a visit, in words: one line an event. */

import { useWords } from '../i18n'
import type { Recorded } from '../protocol/types'
import { length } from '../ui/times'
import { useNames } from '../visit/names'
import type { Store } from '../visit/store'

export function useEventWords(store: Store): (recorded: Recorded) => string {
  const { t } = useWords()
  const names = useNames()
  const who = (actor: string): string => store.shifts.get(actor)?.name || actor
  const desks = (ids: string[]): string => ids.map(names.desk).join(' → ')

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
      default:
        return event.type
    }
  }
}
