"""The rules of the window: what a visit is, what may happen to it, who may do it, who is offered it next.

No IO, no clock, no randomness, no framework. Time and ids are arguments; results are values.
"""
