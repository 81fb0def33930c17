"""Supervisors who listen to agents, whisper to them, join in, and take their talks over."""
