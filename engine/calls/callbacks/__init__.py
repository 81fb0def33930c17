"""A customer hangs up, keeps his place in the line, and is called back."""
