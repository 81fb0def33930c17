"""A campaign calls a lead: the story of one attempt, by mode, and what came of it."""
