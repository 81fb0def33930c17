"""How a call came about, beside ``inbound`` and ``agent``: contacts without a channel."""

from typing import Final

CALLBACK: Final = "callback"
"""The entry of a contact without a channel."""
OUTBOUND: Final = "outbound"
"""The entry of a campaign's call, which has no channel either until it is answered."""
MESSAGE: Final = "voicemail"
"""The entry of a message that is work: a contact without a channel."""
SUPERVISION: Final = "supervision"
"""The entry of a supervisor whom we ring."""
INVITED: Final = "invited"
"""The entry of who is brought into a conference room, who has no channel either until then."""
