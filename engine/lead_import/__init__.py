"""Files of leads, of numbers never to be called, and of consents, read into the store."""
