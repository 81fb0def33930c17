"""Outbound campaigns: how many calls to place, to whom, and when. PURE."""
