"""The lifelines of a call's ladder: between whom a step of its story happens."""

from typing import Final

SIP: Final = "sip"  # the caller's phone or trunk
ARI: Final = "ari"  # Asterisk
IVR: Final = "ivr"  # the flow, or the dialplan's own route
ACD: Final = "acd"  # the distributor
AGENT: Final = "agent"  # the agent's phone
