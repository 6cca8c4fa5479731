/* Ways to the media server through firewalls: the relays the server names, with credentials that end by themselves. Asked
   for before a connection is made, and again only when they grow old. */

import type { IceServers } from '../protocol/types'
import { serverTime } from './clock'

export class Ice {
  private kept: IceServers | undefined

  constructor(private readonly ask: () => Promise<IceServers>) {}

  /** What a new connection needs. Raises `Failure` when the server cannot be asked and nothing good is kept. */
  async servers(): Promise<IceServers> {
    if (!this.kept || serverTime() >= this.kept.renew_at) this.kept = await this.ask()
    return this.kept
  }

  /** The browser's own policy: the straight way first, and every relay beside it. */
  async way(): Promise<Way> {
    const { servers, relay_only, codecs } = await this.servers()
    return { configuration: { iceServers: servers, iceTransportPolicy: relay_only ? 'relay' : 'all' }, codecs }
  }
}

/** What a connection is made with. */
export interface Way {
  configuration: RTCConfiguration
  /** The video codecs to offer, by their names in SDP. */
  codecs: readonly string[]
}
