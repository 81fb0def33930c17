"""The automatic call distributor: who gets which contact, and why. Pure."""
