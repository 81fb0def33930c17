"""Campaigns while the engine runs: the driver of ``dialer.core``, and what people see of it."""
