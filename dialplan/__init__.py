"""Which number leads where, and when. Pure."""
