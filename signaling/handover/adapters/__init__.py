"""The ways a record can go: over HTTP, or into a folder."""
