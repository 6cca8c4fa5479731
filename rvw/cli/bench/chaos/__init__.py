"""`rvw bench chaos`: two signaling processes under load, killed in turns; afterwards nobody may be lost."""
