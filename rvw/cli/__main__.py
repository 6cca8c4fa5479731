"""`python -m rvw.cli`: the command `rvw`."""

from rvw.cli import main

main()
