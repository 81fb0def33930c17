"""The files of recordings, from Asterisk's hands to their end (``docs/recordings.md``)."""
