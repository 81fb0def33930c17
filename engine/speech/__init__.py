"""Voice commands: who speaks is heard, what was said is recognised in processes of its own."""
