"""Reads what operations people write, and says in plain words what is wrong with it."""
