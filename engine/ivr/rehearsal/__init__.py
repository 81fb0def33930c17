"""Flows without a phone: the interpreter in virtual time, in a world that is told how to answer.

Test files, the terminal and the property tests all drive the same ``Rehearsal``.
"""
