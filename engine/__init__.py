"""The running service: the only folder that does input and output."""
