"""The HTTP lookups of flows: one bounded request, with its result in a word."""
