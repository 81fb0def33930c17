"""How the notes of a call become what it is now, and its record; a file per kind of notes. Pure."""
