"""What callers hear: made for the phone, at one loudness, found again, and named for Asterisk."""
