"""What must outlive everything else: people and devices, and the record of each visit with its place in the outbox.

The only package that knows SQL. Others see `Store` and frozen structs; no SQLAlchemy type leaves.
"""

from signaling.records.store import Store, open_store

__all__ = ["Store", "open_store"]
