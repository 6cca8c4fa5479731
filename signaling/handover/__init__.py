"""From the outbox to the case system, and the receipt back: at least once on the wire, once at the receiver."""
