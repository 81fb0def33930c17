"""The private Asterisk for real: its start and end, accounts, dialplan without an engine."""

from __future__ import annotations

import asyncio
import csv
import dataclasses
import json
import os
import re
import signal
import sys
import time
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from udp_caller import UdpCaller

from engine.asterisk import install
from engine.asterisk.install import Installation
from engine.asterisk.process import AsteriskDied, PrivateAsterisk
from engine.asterisk.witness import Witness
from engine.log_files import empty_long, older

TRUNK = "127.0.0.2"
MANUAL = Path(__file__).parents[2] / "docs/operations.md"


@pytest.fixture(scope="session")
def installation() -> Installation:
    return install.ensure(os.environ.get("TONGDAI_ASTERISK"))


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """A second of music and the two prompts that the dialplan says, in one language."""
    for file in ("music/hold.wav", "prompts/en/held.wav", "prompts/en/engine_down.wav"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(tmp_path / file), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(8000))
    return {"prompts_dir": tmp_path / "prompts", "music_dir": tmp_path / "music"}


@pytest.fixture
async def asterisk(
    installation: Installation, tmp_path: Path, folders: dict[str, Path]
) -> AsyncIterator[PrivateAsterisk]:
    async with PrivateAsterisk(
        installation,
        tmp_path / "pbx",
        trunk_addresses=(TRUNK, "127.0.0.3"),
        dial_in={"customer": "s3cret"},
        hold_tries=4,
        **folders,
    ) as running:
        yield running


class Ari:
    """As little of ARI as these tests need."""

    def __init__(self, asterisk: PrivateAsterisk, http: aiohttp.ClientSession) -> None:
        self._url, self._http = asterisk.ari_url, http
        login = aiohttp.encode_basic_auth(asterisk.ari_user, asterisk.ari_password)
        self._headers = {"Authorization": login}

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        async with self._http.request(
            method, f"{self._url}/{path}", headers=self._headers, json=body
        ) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json() if answer.status != 204 else None

    def events(self) -> Any:
        return self._http.ws_connect(f"{self._url}/events?app=tongdai", headers=self._headers)


@pytest.fixture
async def ari(asterisk: PrivateAsterisk) -> AsyncIterator[Ari]:
    async with aiohttp.ClientSession() as http:
        yield Ari(asterisk, http)


def caller(asterisk: PrivateAsterisk, host: str = TRUNK, user: str = "0900000001") -> UdpCaller:
    return UdpCaller(host, (asterisk.addresses.sip_host, asterisk.addresses.sip_port), user=user)


async def end_of(pid: int) -> None:
    """Wait until the process is gone; it need not be our child."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    gone = asyncio.Event()
    asyncio.get_running_loop().add_reader(descriptor, gone.set)
    await gone.wait()
    asyncio.get_running_loop().remove_reader(descriptor)
    os.close(descriptor)


def sockets_on(port: int) -> list[str]:
    """The addresses, as the kernel lists them, that have a UDP socket on ``port``."""
    return re.findall(rf" ([0-9A-F]{{8}}):{port:04X} ", Path("/proc/net/udp").read_text())


async def test_it_starts_without_a_word_of_warning(asterisk: PrivateAsterisk) -> None:
    log = asterisk.log_file.read_text()
    assert "modules will be loaded" in log
    assert not re.findall(r".*(?:WARNING|ERROR).*", log)


async def test_it_loads_the_modules_that_its_configuration_names_and_no_others(
    asterisk: PrivateAsterisk, ari: Ari
) -> None:
    named = re.findall(
        r"^(?:require|load) = (\S+)",
        (asterisk.run_dir / "etc/modules.conf").read_text(),
        re.MULTILINE,
    )
    loaded = await ari.ask("GET", "asterisk/modules")
    assert sorted(named) == sorted(m["name"] for m in loaded if m["name"].endswith(".so"))


async def test_its_logs_go_on_in_new_files_when_they_are_rotated_as_the_manual_says(
    asterisk: PrivateAsterisk,
) -> None:
    rules = re.findall(r"^/var/log/asterisk/asterisk.log .*?^}", MANUAL.read_text(), re.M | re.S)[0]
    rotated = re.findall(r"/var/log/asterisk(/\S+)", rules)
    logs = [Path(f"{asterisk.run_dir}/log{name}") for name in rotated]
    assert asterisk.witness_file in logs
    await _be_a_stranger(asterisk)
    for log in filter(Path.exists, logs):
        log.rename(older(log))
    command = re.findall(r"asterisk (-rx) '(.*)'", rules)[0]
    config = str(asterisk.run_dir / "etc/asterisk.conf")
    remote = await asyncio.create_subprocess_exec(
        *asterisk.installation.asterisk, "-C", config, *command, cwd=asterisk.run_dir
    )
    assert await remote.wait() == 0
    await _be_a_stranger(asterisk)
    assert all(log.stat().st_size for log in logs if log != asterisk.log_file)
    assert Witness(asterisk.witness_file).came_and_went(0) != []


async def test_its_logs_can_be_emptied_beneath_it(asterisk: PrivateAsterisk) -> None:
    await _be_a_stranger(asterisk)
    before = [log.stat().st_size for log in asterisk.log_files]
    for log in asterisk.log_files:
        empty_long(log, most_bytes=0)
        assert log.stat().st_size == 0
    await _be_a_stranger(asterisk)
    assert b"\0" not in asterisk.security_file.read_bytes() + asterisk.witness_file.read_bytes()
    after = [older(log).stat().st_size for log in asterisk.log_files]
    assert all(now >= then for now, then in zip(after, before, strict=True))


async def _be_a_stranger(asterisk: PrivateAsterisk) -> None:
    """Call, and register as nobody; until it stands in the logs."""
    with caller(asterisk) as someone, caller(asterisk, user="nobody") as nobody:
        await nobody.register()
        await nobody.final()
        await someone.invite("19001000")
        await someone.until("SIP/2.0 200")
        await someone.hang_up()
        await someone.until("SIP/2.0 200")
    await _written(asterisk.security_file, "RequestNotSupported")
    await _written(asterisk.witness_file, "CHAN_END")


async def _written(log: Path, words: str) -> None:
    while not log.exists() or words not in log.read_text():  # noqa: ASYNC110, ASYNC240
        await asyncio.sleep(0.02)


async def test_two_at_once_keep_out_of_each_others_way(
    installation: Installation,
    asterisk: PrivateAsterisk,
    tmp_path: Path,
    folders: dict[str, Path],
) -> None:
    async with PrivateAsterisk(installation, tmp_path / "second", **folders) as second:
        first_rtp, second_rtp = (
            [
                int(port)
                for port in re.findall(
                    r"^rtp(?:start|end) = (\d+)", (each.run_dir / "etc/rtp.conf").read_text(), re.M
                )
            ]
            for each in (asterisk, second)
        )
        assert second_rtp[0] > first_rtp[1] or first_rtp[0] > second_rtp[1]
        assert {second.addresses.sip_port, second.addresses.http_port}.isdisjoint(
            {asterisk.addresses.sip_port, asterisk.addresses.http_port}
        )


async def test_a_caller_without_an_engine_hears_ringing_then_is_held_then_gets_an_apology(
    asterisk: PrivateAsterisk,
) -> None:
    with caller(asterisk) as customer:
        await customer.invite("19001234")
        seen = [await customer.until("SIP/2.0 180"), await customer.until("SIP/2.0 200")]
        bye = await customer.until("BYE")
    assert [message.status for message in seen] == [180, 200]
    assert bye.status == 0
    assert "file.c" not in asterisk.log_file.read_text()  # every prompt was there


async def test_a_held_caller_enters_with_his_number_when_the_engine_is_back(
    asterisk: PrivateAsterisk, ari: Ari
) -> None:
    began = time.time()
    with caller(asterisk) as customer:
        await customer.invite("+8419001234")
        await customer.until("SIP/2.0 200")
        async with ari.events() as events:
            event = await events.receive_json()
            while event["type"] != "StasisStart":
                event = await events.receive_json()
            entry, did, answered = event["args"]
            assert (entry, did) == ("inbound", "+8419001234")
            assert began < float(answered) < time.time()
            assert event["channel"]["caller"]["number"] == "0900000001"
            await ari.ask("DELETE", f"channels/{event['channel']['id']}")
        await customer.until("BYE")


async def test_a_caller_of_an_odd_number_is_told_that_it_does_not_exist(
    asterisk: PrivateAsterisk,
) -> None:
    for number in ("19001234%2Cevil", "1900%22%29%28", "no-such-number", "1" * 40, "%2C"):
        with caller(asterisk) as customer:
            await customer.invite(number)
            answer = await customer.final()
        assert (number, answer.status) == (number, 404)


async def test_a_caller_whose_number_is_an_agents_extension_still_comes_from_the_trunk(
    asterisk: PrivateAsterisk, ari: Ari
) -> None:
    await make_phone(ari)
    async with ari.events() as events:
        with caller(asterisk, user="3001") as customer:
            await customer.invite("19001234")
            event = await events.receive_json()
            while event["type"] != "StasisStart":
                event = await events.receive_json()
            assert event["channel"]["name"].startswith("PJSIP/trunk-")
            await ari.ask("DELETE", f"channels/{event['channel']['id']}")
            await customer.final()


async def test_a_stranger_is_asked_for_a_password(asterisk: PrivateAsterisk) -> None:
    with caller(asterisk, host="127.0.0.9") as stranger:
        await stranger.invite("19001234")
        answer = await stranger.final()
    assert answer.status == 401


async def test_a_customers_softphone_may_register_from_where_the_agents_are(
    asterisk: PrivateAsterisk,
) -> None:
    with caller(asterisk, host="127.0.0.1", user="customer") as phone:
        await phone.register()
        answer = await phone.final()
    assert answer.status == 401
    assert 'realm="asterisk"' in answer.header("WWW-Authenticate")


async def test_an_agents_phone_needs_no_file_of_asterisk(
    asterisk: PrivateAsterisk, ari: Ari
) -> None:
    await make_phone(ari)
    assert (await ari.ask("GET", "endpoints/PJSIP/3001"))["state"] == "offline"
    with caller(asterisk, host="127.0.0.1", user="3001") as phone:
        await phone.register()
        assert (await phone.final()).status == 401


async def test_the_witness_tells_when_and_why_a_call_ended(asterisk: PrivateAsterisk) -> None:
    with caller(asterisk) as customer:
        await customer.invite("19001234")
        await customer.until("SIP/2.0 200")
        await customer.hang_up()
        await customer.until("SIP/2.0 200")
    await asterisk.stop()
    with asterisk.witness_file.open(newline="") as file:
        start, answer, hangup, end = csv.reader(file)
    names = [row[0] for row in (start, answer, hangup, end)]
    assert names == ["CHAN_START", "ANSWER", "HANGUP", "CHAN_END"]
    assert start[4:] == ["0900000001", "19001234", "from-trunk"]
    assert json.loads(hangup[3])["hangupcause"] == 0  # he gave no reason
    assert start[2] == hangup[2] == end[2]
    written = asterisk.witness_file.stat().st_mtime
    assert written - 60 < float(start[1]) < float(hangup[1]) <= float(end[1]) <= written


async def test_the_voice_of_a_call_stays_on_loopback(asterisk: PrivateAsterisk) -> None:
    with caller(asterisk) as customer:
        await customer.invite("19001234")
        answer = await customer.until("SIP/2.0 200")
        assert sockets_on(answer.rtp_port) == ["0100007F"]  # 127.0.0.1
        await customer.hang_up()
        await customer.until("SIP/2.0 200")


async def test_a_dead_owner_leaves_no_asterisk_behind(
    installation: Installation, tmp_path: Path, folders: dict[str, Path]
) -> None:
    program = f"""
import asyncio
from pathlib import Path
from engine.asterisk import install
from engine.asterisk.process import PrivateAsterisk

async def main():
    asterisk = PrivateAsterisk(
        install.find({os.environ.get("TONGDAI_ASTERISK")!r}), Path({str(tmp_path / "pbx")!r}),
        prompts_dir=Path({str(folders["prompts_dir"])!r}),
        music_dir=Path({str(folders["music_dir"])!r}))
    await asterisk.start()
    print(asterisk.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
    )
    assert owner.stdout
    pid = int(await owner.stdout.readline())
    owner.send_signal(signal.SIGKILL)
    await owner.wait()
    async with asyncio.timeout(60):
        await end_of(pid)


async def test_an_operator_is_told_that_another_program_has_his_port(
    asterisk: PrivateAsterisk, installation: Installation, tmp_path: Path, folders: dict[str, Path]
) -> None:
    taken = asterisk.addresses.sip_port
    second = PrivateAsterisk(installation, tmp_path / "second", sip_port=taken, **folders)
    with pytest.raises(AsteriskDied, match=f"port {taken} .* taken"):
        await second.start()


async def test_an_operator_sees_the_last_words_of_one_that_did_not_come_up(
    installation: Installation, tmp_path: Path, folders: dict[str, Path]
) -> None:
    (tmp_path / "no-modules").mkdir()
    broken = dataclasses.replace(installation, modules_dir=tmp_path / "no-modules")
    asterisk = PrivateAsterisk(broken, tmp_path / "pbx", **folders)
    with pytest.raises(AsteriskDied, match=r"(?s)ended while starting.*cel_custom"):
        await asterisk.start()


async def make_phone(ari: Ari) -> None:
    """An agent's phone as the engine makes it: no file of Asterisk is touched."""
    objects = {
        "auth": {"auth_type": "digest", "username": "3001", "password": "s3cret"},
        "aor": {"max_contacts": "1", "remove_existing": "yes"},
        "endpoint": {
            "transport": "udp",
            "context": "from-agent",
            "auth": "3001",
            "aors": "3001",
            "disallow": "all",
            "allow": "ulaw,alaw",
        },
    }
    for kind, fields in objects.items():
        pairs = [{"attribute": key, "value": value} for key, value in fields.items()]
        await ari.ask("PUT", f"asterisk/config/dynamic/res_pjsip/{kind}/3001", {"fields": pairs})
