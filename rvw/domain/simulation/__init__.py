"""A day at the window in virtual time, over the same rules as the real one: decide, evolve, route, figures, estimate.

Only people are made up (`scenario`, `day`): when they come, how long they talk, when they lose patience. Randomness comes
in as an argument, so the same seed gives the same day to the last byte.
"""

from rvw.domain.simulation.day import Day, Dice
from rvw.domain.simulation.outcome import Outcome, Row
from rvw.domain.simulation.scenario import Scenario

__all__ = ["Day", "Dice", "Outcome", "Row", "Scenario"]
