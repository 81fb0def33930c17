"""What the law lets us dial, closed by default: calling hours, consent, lists, limits. Pure."""
