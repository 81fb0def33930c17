"""What the benchmark of menus counts: keys by their release, prompts by their tones."""

import struct

import numpy as np
import pytest

from bench import menus
from bench.menu_latency import p95
from bench.menus import HERTZ, MenuCaller
from engine.demo import rtp, tones


def packet(prompt):
    """One packet of a prompt's tone; of silence for ''."""
    sound = tones.sine(HERTZ[prompt], rtp.PACKET_SAMPLES) if prompt else bytes(320)
    return struct.pack("!BBHII", 0x80, rtp.PCMU, 0, 0, 0) + rtp.to_mulaw(sound)


def caller(packets, *releases):
    """A caller who got these packets, at these times."""
    someone = MenuCaller()
    someone._packets = [(at, packet(prompt)) for at, prompt in packets]
    someone._releases = list(releases)
    return someone


def every_packet(prompt, first, last):
    return [(round(float(at), 3), prompt) for at in np.arange(first, last, 0.02)]


def test_a_key_counts_from_its_release_to_silence_and_to_the_next_prompt():
    packets = [*every_packet("bench_a", 1.0, 2.05), *every_packet("bench_b", 2.13, 3.0)]
    [pressed] = caller(packets, 2.0).pressed()
    assert pressed.silent == pytest.approx(0.06)
    assert pressed.heard == pytest.approx(0.13)


def test_a_prompt_that_is_silent_before_the_key_is_released_took_no_time():
    packets = [*every_packet("bench_a", 1.0, 1.5), *every_packet("bench_b", 2.1, 3.0)]
    [pressed] = caller(packets, 2.0).pressed()
    assert pressed.silent == 0.0


def test_silence_between_the_prompts_is_neither_of_them():
    packets = [*every_packet("bench_a", 1.0, 2.0), *every_packet("", 2.0, 2.2), (2.2, "bench_b")]
    [pressed] = caller(packets, 2.0).pressed()
    assert pressed.heard == pytest.approx(0.2)


def test_a_key_that_led_nowhere_makes_no_figure():
    packets = every_packet("bench_a", 1.0, 4.0)
    assert caller(packets, 2.0, 3.0).pressed() == []


def test_both_keys_of_two_count_each_with_its_own_prompts():
    packets = [
        *every_packet("bench_a", 1.0, 2.01),
        *every_packet("bench_b", 2.04, 3.01),
        *every_packet("bench_a", 3.1, 4.0),
    ]
    assert [round(each.heard, 3) for each in caller(packets, 2.0, 3.0).pressed()] == [0.04, 0.1]


def test_the_95th_of_a_hundred_is_not_the_worst():
    assert p95(tuple(float(n) for n in range(1, 101))) == 95.0


def test_the_menus_of_the_dialplan_are_those_of_the_flow():
    for prompt in HERTZ:
        assert f"prompts: {prompt}" in menus._FLOW
    assert menus._EXTENSIONS.count("Background(") == menus._EXTENSIONS.count("Read(") == len(HERTZ)
