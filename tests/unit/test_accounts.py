"""The agents' SIP accounts in Asterisk: as the settings say, at every start, after every mishap."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from acd.agent_settings import AgentSettings
from engine.asterisk.accounts import Accounts, derive, installation_secret
from engine.ports import Down, SipAccount

MAI = AgentSettings(name="mai", extension="3001", display_name="Nguyễn Thị Mai")
AN = AgentSettings(name="an", extension="3002", secret="chosen by hand")
LINH = AgentSettings(name="linh", extension="3003")


class AsteriskWithPhones:
    """Keeps accounts over restarts of the engine, and forgets them with its own.

    ``fails_after``: how many commands it still obeys.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, SipAccount] = {}
        self.commands = 0
        self.fails_after: int | None = None

    async def ensure_account(self, account: SipAccount) -> None:
        self._obey()
        self.accounts[account.extension] = account

    async def remove_account(self, extension: str) -> None:
        self._obey()
        self.accounts.pop(extension, None)

    def _obey(self) -> None:
        if self.fails_after == 0:
            raise Down("no answer in 3 s")
        if self.fails_after is not None:
            self.fails_after -= 1
        self.commands += 1


@pytest.fixture
def asterisk() -> AsteriskWithPhones:
    return AsteriskWithPhones()


def started(asterisk: AsteriskWithPhones, folder: Path) -> Accounts:
    """The accounts of an engine that has just started."""
    return Accounts(asterisk, folder)  # type: ignore[arg-type]


# -- passwords ------------------------------------------------------------------------------------


def test_an_agent_s_password_is_the_same_at_every_start(
    asterisk: AsteriskWithPhones, tmp_path: Path
) -> None:
    first = started(asterisk, tmp_path).of(MAI)
    assert started(asterisk, tmp_path).of(MAI) == first
    assert first.extension == "3001"
    assert first.display_name == "Nguyễn Thị Mai"
    assert len(first.secret) == 16


def test_agents_and_installations_have_passwords_of_their_own(
    asterisk: AsteriskWithPhones, tmp_path: Path
) -> None:
    here = started(asterisk, tmp_path / "here")
    there = started(asterisk, tmp_path / "there")
    assert len({here.of(MAI).secret, here.of(LINH).secret, there.of(MAI).secret}) == 3


def test_a_password_of_the_settings_is_used_as_it_is(
    asterisk: AsteriskWithPhones, tmp_path: Path
) -> None:
    assert started(asterisk, tmp_path).of(AN).secret == "chosen by hand"


def test_a_derived_password_never_changes_with_our_code() -> None:
    """Phones have it stored: another way to derive it would lock all of them out."""
    assert derive(bytes(32), "3001") == "omgiqrriarp65khn"


def test_the_secret_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    key = installation_secret(tmp_path / "made" / "on the way")
    file = tmp_path / "made" / "on the way" / "secret"
    assert (len(key), stat.S_IMODE(file.stat().st_mode)) == (32, 0o600)
    assert list(file.parent.iterdir()) == [file]


# -- keeping Asterisk's accounts equal to the agents ----------------------------------------------


async def test_every_agent_has_his_account(asterisk: AsteriskWithPhones, tmp_path: Path) -> None:
    await started(asterisk, tmp_path).ensure([MAI, AN], "one")
    assert asterisk.accounts.keys() == {"3001", "3002"}


async def test_nothing_is_done_twice_for_one_life_of_asterisk(
    asterisk: AsteriskWithPhones, tmp_path: Path
) -> None:
    accounts = started(asterisk, tmp_path)
    await accounts.ensure([MAI, AN], "one")
    done = asterisk.commands
    await accounts.ensure([AN, MAI], "one")
    assert asterisk.commands == done


async def test_an_asterisk_that_started_anew_gets_them_again(
    asterisk: AsteriskWithPhones, tmp_path: Path
) -> None:
    accounts = started(asterisk, tmp_path)
    await accounts.ensure([MAI], "one")
    asterisk.accounts.clear()
    await accounts.ensure([MAI], "two")
    assert asterisk.accounts.keys() == {"3001"}


async def test_an_agent_who_left_has_no_account_any_more(
    asterisk: AsteriskWithPhones, tmp_path: Path
) -> None:
    await started(asterisk, tmp_path).ensure([MAI, AN], "one")
    await started(asterisk, tmp_path).ensure([MAI], "one")
    assert asterisk.accounts.keys() == {"3001"}


async def test_accounts_that_others_made_in_asterisk_are_left_alone(
    asterisk: AsteriskWithPhones, tmp_path: Path
) -> None:
    asterisk.accounts["reception"] = SipAccount("reception", "theirs", "Reception")
    await started(asterisk, tmp_path).ensure([MAI], "one")
    assert asterisk.accounts.keys() == {"reception", "3001"}


async def test_a_changed_password_reaches_asterisk(
    asterisk: AsteriskWithPhones, tmp_path: Path
) -> None:
    accounts = started(asterisk, tmp_path)
    await accounts.ensure([AN], "one")
    await accounts.ensure([AN.model_copy(update={"secret": "another one"})], "one")
    assert asterisk.accounts["3002"].secret == "another one"


@pytest.mark.parametrize("obeyed", range(5))
async def test_a_crash_anywhere_is_repaired_at_the_next_start(
    asterisk: AsteriskWithPhones, tmp_path: Path, obeyed: int
) -> None:
    await started(asterisk, tmp_path).ensure([MAI, AN], "one")
    asterisk.fails_after = obeyed
    try:
        await started(asterisk, tmp_path).ensure([LINH, MAI], "one")
    except Down:
        assert obeyed < 3
    asterisk.fails_after = None
    await started(asterisk, tmp_path).ensure([MAI], "one")
    assert asterisk.accounts.keys() == {"3001"}


async def test_settings_put_back_after_a_failed_change_are_in_force_again(
    asterisk: AsteriskWithPhones, tmp_path: Path
) -> None:
    accounts = started(asterisk, tmp_path)
    await accounts.ensure([MAI, AN], "one")
    asterisk.fails_after = 1  # the removal succeeds, the rest does not
    with pytest.raises(Down):
        await accounts.ensure([MAI], "one")
    asterisk.fails_after = None
    await accounts.ensure([MAI, AN], "one")
    assert asterisk.accounts.keys() == {"3001", "3002"}


async def test_a_damaged_memory_of_whom_it_made_does_not_stop_the_start(
    asterisk: AsteriskWithPhones, tmp_path: Path
) -> None:
    (tmp_path / "accounts.json").write_text('["30')
    await started(asterisk, tmp_path).ensure([MAI], "one")
    assert json.loads((tmp_path / "accounts.json").read_text()) == ["3001"]
