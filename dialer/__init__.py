"""Outbound campaigns. Nothing is here yet; see README.md."""
