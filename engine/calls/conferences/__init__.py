"""Conference rooms: who is in them, what each hears and may do, and how one comes in."""
