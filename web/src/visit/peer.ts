/* One page at the window: what it knows (store), its media connection, and its own camera, microphone and screen. */

import { type InjectionKey, inject, watch } from 'vue'
import { Applications } from '../application/applications'
import { readApplication } from '../application/requests'
import { Sheets } from '../marks/sheets'
import { evolve as evolvePapers } from '../papers/fold'
import { readPapers } from '../papers/requests'
import type { Papers, Session } from '../protocol/types'
import { watchFreezes } from './freezes'
import { Ice } from './ice'
import { Kept } from './kept'
import { Media } from './media'
import { watchSound } from './patience'
import { Screen } from './screen'
import { Self } from './self'
import { fetchIceServers, fetchSheet } from './session'
import { offerStats } from './stats'
import { Store } from './store'
import { openTranslations, type Translations } from './translations'

export interface Peer {
  store: Store
  media: Media
  self: Self
  screen: Screen
  ice: Ice
  /** In-slots whose picture stutters. */
  freezes: ReadonlySet<string>
  token: string
  sheets: Sheets
  papers: Kept<Papers>
  applications: Applications
  translations: Translations
  /** Give everything back: sign-out, or the page is opened elsewhere. */
  end: () => void
}

export const PEER: InjectionKey<Peer> = Symbol('peer')

export function openPeer(session: Session): Peer {
  const store = new Store(session)
  const ice = new Ice(() => fetchIceServers(session.token))
  const media = new Media(
    (offer) => store.join(offer),
    () => ice.way(),
  )
  const self = new Self(media)
  const screen = new Screen(store, media)
  const freezes = watchFreezes(media)
  const endPatience = watchSound(media)
  const sheets = new Sheets((visit) => fetchSheet(visit, session.token))
  const applications = new Applications((visit) => readApplication(visit, session.token))
  const papers = new Kept<Papers>((visit) => readPapers(visit, session.token), evolvePapers)
  store.beside.set('papers', (visit, recorded) => papers.take(visit, recorded))
  store.beside.set('application', (visit, recorded) => applications.take(visit, recorded))
  store.onMark = (visit, recorded) => sheets.take(visit, recorded)
  store.onGesture = (gesture) => sheets.point(gesture)
  store.onAnew = () => {
    sheets.again()
    papers.again()
    applications.again()
  }
  store.onRejoin = () => media.rejoin()
  offerStats(media)
  watch(
    () => store.known.link,
    (link) => {
      if (link === 'superseded' || link === 'not_signed_in') giveBack()
    },
  )
  store.connect()
  return {
    store,
    media,
    self,
    screen,
    sheets,
    papers,
    applications,
    translations: openTranslations(session.token),
    ice,
    freezes: freezes.slots,
    token: session.token,
    end,
  }

  function giveBack(): void {
    self.release()
    screen.release()
    media.stop()
  }

  function end(): void {
    giveBack()
    freezes.end()
    endPatience()
    store.close()
  }
}

export function usePeer(): Peer {
  const peer = inject(PEER)
  if (!peer) throw new Error('no peer has been provided')
  return peer
}
