"""Measurements of a whole center: nothing of it is a test."""
