"""The part of the Remote Virtual Window that could run on paper: words, rules and messages. No IO, no clock."""
