"""Mailboxes: messages that are left, heard by phone, and routed as work."""
