"""Stored bytes of visits: stills, uploads, signatures, recordings; encrypted, and found by their hash."""

from signaling.blobs.store import Blob as Blob
from signaling.blobs.store import Blobs as Blobs
