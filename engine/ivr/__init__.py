"""The IVR: the flow language, its interpreter and its checks. Pure: no clock, files or network."""
