"""A caller in IVR flows: the driver of the interpreter, and what it needs of the call."""
