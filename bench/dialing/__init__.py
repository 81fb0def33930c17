"""Pacing beside that of other dialers, on the same simulated calls."""
