"""The commands of ``AsteriskPbx`` about agents' phones: their SIP accounts, and who is there."""

from __future__ import annotations

from contextlib import suppress

from engine.asterisk.pbx_link import ENDPOINT, PbxLink, checked
from engine.ports import Gone, Refused, SipAccount

_MAILBOXES = "agents"
"""What follows the extension in the name of a phone's mailbox in Asterisk."""
_LAMP_SECONDS = 5


class PhoneCommands(PbxLink):
    """Phones are PJSIP endpoints, made by ARI's dynamic configuration."""

    async def ensure_account(self, account: SipAccount) -> None:
        """Make a phone's SIP account in Asterisk, or bring it up to date."""
        name = checked(account.extension, ENDPOINT)
        await self._object("auth", name, auth_type="digest", username=name, password=account.secret)
        mailbox = f"{name}@{_MAILBOXES}"
        await self._object("aor", name, max_contacts="1", remove_existing="yes", mailboxes=mailbox)
        await self._object(
            "endpoint",
            name,
            context=account.context,
            transport="udp",
            identify_by="username",
            aors=name,
            auth=name,
            callerid=f"{account.display_name} <{name}>",
            disallow="all",
            allow="ulaw,alaw",
            dtmf_mode="rfc4733",
            direct_media="no",
            rtp_symmetric="yes",
            force_rport="yes",
            rewrite_contact="yes",
            allow_transfer="no",
            device_state_busy_at="1",
            mailboxes=mailbox,
            mwi_subscribe_replaces_unsolicited="yes",
        )

    async def remove_account(self, extension: str) -> None:
        """Take a phone's SIP account out of Asterisk again."""
        for kind in ("endpoint", "aor", "auth"):
            with suppress(Gone, Refused):
                await self.ari.asterisk.delete_object("res_pjsip", kind, extension)

    async def online_endpoints(self) -> frozenset[str]:
        """The phones that are registered now."""
        endpoints = await self.ari.endpoints.list_by_tech("PJSIP")
        return frozenset(each.resource for each in endpoints if each.state == "online")

    async def light_lamp(self, extension: str, new: int, old: int) -> None:
        """Light or darken a phone's lamp, also of one that registers later.

        ARI has no way to that in Asterisk as Debian builds it, so a channel without media goes
        through the few lines of dialplan that have.
        """
        phone = checked(extension, ENDPOINT)
        await self.ari.channels.originate(
            f"Local/{phone}@mailbox-lamp/n",
            context="mailbox-lamp",
            extension="done",
            priority=1,
            timeout=_LAMP_SECONDS,
            variables={
                "MAILBOX": f"{phone}@{_MAILBOXES}",
                "NEW_MESSAGES": str(new),
                "OLD_MESSAGES": str(old),
            },
        )

    async def _object(self, kind: str, name: str, **fields: str) -> None:
        pairs = [{"attribute": key, "value": value} for key, value in fields.items()]
        await self.ari.asterisk.update_object("res_pjsip", kind, name, fields=pairs)
