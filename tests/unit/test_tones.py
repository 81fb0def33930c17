"""Tones made, found and told apart; µ-law there and back; keys as packets."""

import struct

import numpy as np
import pytest

from engine.demo import tones
from engine.demo.rtp import KeyPress, RtpParty, from_mulaw, to_mulaw


def mixed(*parts: bytes) -> bytes:
    """Equally loud parts heard at once, as in a bridge."""
    total = sum(np.frombuffer(part, "<i2").astype(np.int32) for part in parts)
    return (total // len(parts)).astype("<i2").tobytes()


def noise(seconds: float, dbfs: float) -> bytes:
    """White noise, the same each time."""
    rms = 32767 * 10 ** (dbfs / 20)
    samples = np.random.default_rng(1).normal(0, rms, round(seconds * tones.RATE))
    return samples.clip(-32768, 32767).astype("<i2").tobytes()


def test_a_caller_hears_the_agents_tone_for_as_long_as_it_was_spoken():
    heard = bytes(8000) + tones.sine(440, 16000) + bytes(8000)

    found = tones.find(heard, 440)

    assert found.seconds == pytest.approx(2.0, abs=0.08)
    assert found.first == pytest.approx(0.5, abs=0.04)
    assert found.last == pytest.approx(2.5, abs=0.04)
    assert found.share > 0.99


def test_an_agents_tone_is_not_taken_for_another_agents():
    heard = tones.sine(440, 16000)

    assert tones.find(heard, 490) == tones.ToneFound()
    assert tones.find(heard, 620) == tones.ToneFound()


def test_two_who_talk_at_once_are_both_found():
    heard = mixed(tones.sine(440, 16000), tones.sine(620, 16000))

    assert tones.find(heard, 440).seconds == pytest.approx(2.0)
    assert tones.find(heard, 620).seconds == pytest.approx(2.0)
    assert tones.find(heard, 440).share == pytest.approx(0.5, abs=0.01)


def test_what_lasts_as_long_as_a_click_is_no_tone_of_anybodys():
    click = tones.sine(440, 16000) + tones.sine(830, 400) + tones.sine(440, 16000)
    clicks = tones.find(click * 3, 830)

    assert clicks.seconds == pytest.approx(0.12)
    assert clicks.longest == pytest.approx(0.04)
    assert not clicks.is_heard
    assert tones.find(click + tones.sine(830, 1280), 830).is_heard


def test_nothing_is_found_in_silence_and_in_a_call_without_sound():
    assert tones.find(bytes(16000), 440) == tones.ToneFound()
    assert tones.find(b"", 440) == tones.ToneFound()
    assert tones.speech_seconds(bytes(16000)) == 0
    assert tones.speech_seconds(b"") == 0


def test_a_prompt_is_heard_but_a_quiet_line_is_silence():
    assert tones.speech_seconds(noise(1.0, -25) + bytes(16000)) == pytest.approx(1.0, abs=0.04)
    assert tones.speech_seconds(noise(1.0, -55)) == 0


def test_the_other_partys_tone_is_not_speech_when_it_is_known():
    heard = from_mulaw(to_mulaw(tones.sine(440, 16000)))

    assert tones.speech_seconds(heard, known_tones=(440,)) == 0
    assert tones.speech_seconds(heard) == pytest.approx(2.0)


def test_a_prompt_behind_a_known_tone_is_still_heard():
    both = mixed(tones.sine(440, 16000), noise(2.0, -18))

    assert tones.speech_seconds(both, known_tones=(440,)) > 1.9


def test_a_tone_has_the_level_asked_for_and_joins_without_a_click():
    whole = tones.sine(440, 800)

    assert tones.level(tones.sine(500, 8000, dbfs=-20)) == pytest.approx(-20, abs=0.1)
    assert tones.sine(440, 300) + tones.sine(440, 500, start=300) == whole


def test_mulaw_keeps_every_sample_within_its_step():
    samples = np.arange(-32635, 32635, 7).astype("<i2")

    back = np.frombuffer(from_mulaw(to_mulaw(samples.tobytes())), "<i2").astype(int)

    assert (np.abs(back - samples) <= np.maximum(8, np.abs(samples.astype(int)) / 24)).all()


class Wire:
    """Stands where the UDP socket is and keeps what is sent."""

    def __init__(self):
        self.sent = []

    def sendto(self, packet, address):
        self.sent.append((packet, address))

    def close(self):
        pass


def heard_once(party):
    """One packet of silence arrives from Asterisk."""
    party.datagram_received(b"\x80\x00" + bytes(10) + b"\xff" * 160, ("127.0.0.1", 4000))


def test_a_caller_presses_a_key_the_asked_time_after_the_first_sound_he_hears():
    wire, party = Wire(), RtpParty([KeyPress(0.99, "5")])
    party.connection_made(wire)
    party.tick(0.0)
    assert wire.sent == []  # he does not know yet where to speak to
    heard_once(party)

    for tick in range(70):
        party.tick(party.first_heard + tick * 0.02)

    packets = [packet for packet, _ in wire.sent]
    events = [number for number, packet in enumerate(packets) if packet[1] & 0x7F == 101]
    assert events == list(range(50, 58))  # one second of packets later, 120 ms and the end thrice
    assert {address for _, address in wire.sent} == {("127.0.0.1", 4000)}
    fields = [struct.unpack("!BBHIIBBH", packets[number]) for number in events]
    assert [field[1] >> 7 for field in fields] == [1, 0, 0, 0, 0, 0, 0, 0]  # marker: a new key
    assert len({field[3] for field in fields}) == 1  # one timestamp: one key
    assert {field[5] for field in fields} == {5}
    assert [field[6] >> 7 for field in fields] == [0, 0, 0, 0, 0, 1, 1, 1]
    assert [field[7] for field in fields] == [160, 320, 480, 640, 800, 960, 960, 960]
    sequence = [struct.unpack("!H", packet[2:4])[0] for packet in packets]
    assert sequence == [(sequence[0] + step) & 0xFFFF for step in range(70)]


def test_a_caller_who_hung_up_falls_silent():
    wire, party = Wire(), RtpParty()
    party.connection_made(wire)
    heard_once(party)

    party.close()
    party.tick(party.first_heard + 1)

    assert wire.sent == []


def test_a_caller_does_not_take_rtcp_for_speech():
    party = RtpParty()
    party.connection_made(Wire())

    party.datagram_received(b"\x80\xc8" + bytes(40), ("127.0.0.1", 4001))

    assert party.heard() == b""
    assert party.first_heard is None
