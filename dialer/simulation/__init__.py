"""A made world in which pacing is measured before it rings anybody's phone."""
