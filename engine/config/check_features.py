"""Feature codes: those that nobody could ever press, and what they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from acd.queues import Destination, DestinationKind
from dialplan.numbers import normalise
from dialplan.schema import FeatureSettings
from dialplan.talk_codes import ambiguous
from engine.config.drafts import Draft, Written
from engine.config.problems import Problem, listed

_PLACES = (
    DestinationKind.QUEUE,
    DestinationKind.FLOW,
    DestinationKind.AGENT,
    DestinationKind.NUMBER,
    DestinationKind.VOICEMAIL,
)
_ENDS_A_LINES_TALK = "*"


def check_features(draft: Draft, region: str) -> Iterator[Problem]:
    """Every problem of the feature codes, but for pause reasons and the emergency."""
    features = draft.features
    if features is None:
        return
    yield from _dialed(features)
    yield from _pressed(draft, features)
    yield from _dispositions(draft, features)
    for keys in features.value.places:
        yield from _place(draft, features, keys, region)


def place_flows(draft: Draft) -> set[str]:
    """The flows that agents reach by a short code."""
    places = draft.features.value.places.values() if draft.features else ()
    return {to.name for to in places if to.kind is DestinationKind.FLOW}


def _dialed(features: Written[FeatureSettings]) -> Iterator[Problem]:
    """A code that begins another would swallow it, as digits may follow a code."""
    codes = features.value.codes()
    for (action, code), (other, shorter) in permutations(codes.items(), 2):
        if code.startswith(shorter) and (code != shorter or action > other):
            message = f"`{code}` begins like the code of `{other}`, `{shorter}`"
            hint = "choose a code that no other code begins"
            yield features.problem("E307", message, hint, at=(str(action),))


def _pressed(draft: Draft, features: Written[FeatureSettings]) -> Iterator[Problem]:
    codes = features.value.talk
    for code, shorter in ambiguous(codes):
        message = f"`{code}` begins like the code of `{codes[shorter]}`, `{shorter}`"
        hint = "choose a code that no other code begins"
        yield features.problem("E307", message, hint, at=("talk", code), key=True)
    if not any(agent.value.nailed_up for agent in draft.agents.values()):
        return
    for code in codes:
        if _ENDS_A_LINES_TALK in code:
            message = f"an agent whose line stays connected ends his talk with `*`, not `{code}`"
            hint = "choose a code without `*`"
            yield features.problem("W309", message, hint, at=("talk", code), key=True)


def _dispositions(draft: Draft, features: Written[FeatureSettings]) -> Iterator[Problem]:
    """Results that no queue takes; a queue without a list takes all."""
    queues = [queue.value.wrap_up.dispositions for queue in draft.queues.values()]
    if not queues or not all(queues):
        return
    known = {code for codes in queues for code in codes}
    for keys, disposition in features.value.dispositions.items():
        if disposition not in known:
            at = ("dispositions", keys)
            yield features.unknown("E323", "disposition", disposition, known, at=at)


def _place(
    draft: Draft, features: Written[FeatureSettings], keys: str, region: str
) -> Iterator[Problem]:
    """Whether there is what these keys stand for, and nothing else has them."""
    to, at = features.value.places[keys], ("places", keys)
    agents = {agent.value.extension: agent for agent in draft.agents.values()}
    if agent := agents.get(keys):
        message = f"`{keys}` is also the extension of the agent `{agent.name}`"
        hint = f"change one of them; see {agent.place()}"
        yield features.problem("E308", message, hint, at=at, key=True)
    if to.kind not in _PLACES:
        message = f"nobody can be sent to `{to.kind}`"
        yield features.problem("E209", message, f"choose {listed(_PLACES)}", at=at)
    yield from _target(draft, features, to, at, region)


def _target(
    draft: Draft,
    features: Written[FeatureSettings],
    to: Destination,
    at: tuple[str, str],
    region: str,
) -> Iterator[Problem]:
    at_name = (*at, str(to.kind))
    match to.kind:
        case DestinationKind.QUEUE if to.name not in draft.queue_names:
            yield features.unknown("E301", "queue", to.name, draft.queue_names, at=at_name)
        case DestinationKind.FLOW if to.name not in draft.flow_names:
            yield features.unknown("E302", "flow", to.name, draft.flow_names, at=at_name)
        case DestinationKind.AGENT if to.name not in draft.agents:
            yield features.unknown("E324", "agent", to.name, draft.agents, at=at_name)
        case DestinationKind.NUMBER if normalise(to.name, region) is None:
            message = f"`{to.name}` is no telephone number"
            yield features.problem("E205", message, "write digits", at=at_name)
