"""Recordings: that they run, where they go when the visit is over, and who looks at them."""
