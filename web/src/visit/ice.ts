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
  async configuration(): Promise<RTCConfiguration> {
    const { servers, relay_only } = await this.servers()
    return { iceServers: servers, iceTransportPolicy: relay_only ? 'relay' : 'all' }
  }
}
