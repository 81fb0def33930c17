"""The tests' own modules are imported by their names, from here and from the folders below."""
