"""Data, not code: the catalogue, the demo tenancy, and the settings file with every key commented."""

from pathlib import Path

FOLDER = Path(__file__).parent
