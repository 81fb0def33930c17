"""Stories: what happens next to this caller, one coroutine a call, read top to bottom."""
