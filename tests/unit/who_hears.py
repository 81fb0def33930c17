"""Who hears whom at the fake switch, by the rules of bridges, snoops, mutes and music."""

from __future__ import annotations

from tests.unit.fake_pbx import FakePbx


def heard_by(switch: FakePbx, listener: str) -> set[str]:
    """The channels that are heard at this one, by the rules of bridges, snoops, mutes and music."""
    return _in_bridge(switch, listener) | _whispered(switch, listener)


def _in_bridge(switch: FakePbx, listener: str) -> set[str]:
    me = switch.channels[listener]
    if me.bridge is None or me.music is not None:
        return set()
    heard: set[str] = set()
    for other in switch.bridges[me.bridge]:
        if other in switch.snoops and other != listener:
            agent = switch.snoops[other]
            heard |= {agent, *_in_bridge(switch, agent)}
        elif other != listener and not switch.channels[other].muted:
            heard.add(other)
    return heard


def _whispered(switch: FakePbx, listener: str) -> set[str]:
    snoops = [name for name, of in switch.snoops.items() if of == listener]
    return {
        other
        for snoop in snoops
        for other in switch.bridges.get(switch.channels[snoop].bridge or "", ())
        if other not in switch.snoops and not switch.channels[other].muted
    }
