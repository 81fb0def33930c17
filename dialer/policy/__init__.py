"""How many calls to place now: the pieces behind ``dialer.pacing``."""
