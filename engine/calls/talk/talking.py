"""The story of a talk: a caller and an agent, and whoever else comes, until they are apart.

It hears everything that happens in one place, in order: a phone that hangs up, holds or presses a
key, an order, a deadline. Each becomes notes (``conversation.py`` folds them), and what follows is
the same whatever it was: the switch, the recording and the distributor are brought to what the
conversation says (``live_talk.py``). A crash of the engine is one more thing that happens.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from contextlib import suppress

from acd.messages import DispositionSet, TalkEnded
from acd.queues import Destination, DestinationKind
from engine.calls import notes as n
from engine.calls.call import Call, CallerGone, Mail
from engine.calls.lanes import ACD, AGENT, ARI, SIP
from engine.calls.outcomes import Missed
from engine.calls.queueing.nailed_up import END_KEY, let_go_all
from engine.calls.queueing.offering import ELSEWHERE
from engine.calls.switchboard import Switchboard
from engine.calls.talk import notes as t
from engine.calls.talk.asking import refuse, refuse_all
from engine.calls.talk.callees import Callees
from engine.calls.talk.conversation import Consult, Party
from engine.calls.talk.live_talk import Ending, LiveTalk, release
from engine.calls.talk.obeying import Obeying
from engine.calls.talk.orders import Asked, ConsultWith, NotPossible, Order, SupervisorIs
from engine.calls.talk.parties import Watch
from engine.calls.talk.parting import keep_for_a_word
from engine.calls.talk.phone_keys import PhoneKeys
from engine.calls.talk.secure import put_right, run_secure
from engine.ports import (
    DigitPressed,
    EndpointChanged,
    Gone,
    HoldChanged,
    LegAnswered,
    LegGone,
    LegRinging,
    PbxError,
    PlaybackEnded,
    RecordingEnded,
)

_LEAVING_SECONDS = 1.0
"""How long the end of a channel may be in coming that could not be joined any more."""


class Talking:
    """One talk, from the agent's answer or from where an earlier run left it. ``until``: it may not
    last longer."""

    def __init__(
        self, call: Call, sb: Switchboard, began: n.TalkBegan, until: float | None = None
    ) -> None:
        self.call, self.sb, self.began = call, sb, began
        self.timed_out = False
        self._until = until
        self._talk = LiveTalk(call, sb, began)
        self._callees = Callees(self._talk)
        self._orders = Obeying(self._talk, self._callees)
        self._keys = PhoneKeys(call, sb)
        self._late: list[n.OfferBegan] = []
        self._gone: set[str] = set()

    async def begin(self) -> LegGone | None:
        """From the agent's answer to the end; his leg's end when it was gone before they were
        together.

        Cancelled (the engine stops) it leaves everything as it is: talk goes on without us.
        """
        return await self._until_over(self._meet())

    async def go_on(self, connected: Sequence[str] | None) -> None:
        """From where an earlier run of the engine left it: with ``connected`` in the bridge, or
        without any (None)."""
        await self._until_over(self._take_up(connected))

    async def _until_over(self, connecting: Awaitable[LegGone | None]) -> LegGone | None:
        try:
            gone = await connecting
            if gone is not None:
                return gone
            ending = await self._listen()
        except CallerGone as gone:
            await self._end(Ending("caller", gone.gone.at))
            raise
        except Exception:
            await self._end(Ending("engine"))
            raise
        await self._end(ending)
        return None

    # -- together -----------------------------------------------------------------------------

    async def _meet(self) -> LegGone | None:
        """Together in the bridge, and the talk is noted; the phones that were too late are told."""
        call, pbx, began = self.call, self.sb.pbx, self.began
        try:
            await pbx.stop_music(call.channel)
            if call.bridge is None:
                await pbx.create_bridge(began.bridge, call.id)
                call.bridge = began.bridge
            await pbx.join(began.bridge, (began.leg,), keys=False)
            await pbx.join(began.bridge, (call.channel,))
        except Gone:
            gone = await call.end_of(began.leg, call.now() + _LEAVING_SECONDS)
            if gone is None:
                raise  # both are there: a fault of ours
            return gone
        self._note_began()
        unsure = {call.channel} if call.standing.parties else set[str]()
        if began.line:
            unsure.add(began.line)
        self._talk.seating.found(began.bridge, (call.channel, began.leg), unsure)
        call.step(ARI, "bridge", AGENT, f"caller and {began.agent} hear each other")
        await self._talk.recording.begin(self._talk.queue, began)
        await self._tell_late()
        await self._talk.follow()
        return None

    def _note_began(self) -> None:
        """He answered: whatever comes now ends a talk, however short."""
        standing, began = self.call.standing, self.began
        if standing.talk is None:
            others = (o for o in standing.offers.values() if o.offer != began.offer)
            self._late = [offer for offer in others if standing.rings(offer)]
            self.call.note(began)
            self.call.step(AGENT, "answer", ACD, began.agent)
            self._preset_disposition()

    def _preset_disposition(self) -> None:
        """What the flow said came of the call is what the agent set, until he says otherwise."""
        desk, began, code = self.sb.desk, self.began, self.call.standing.course.disposition
        codes = self._talk.queue.wrap_up.dispositions
        if code in codes and desk.talks(began.agent, self.call.id):
            desk.post(DispositionSet(began.agent, self.call.id, code))

    async def _tell_late(self) -> None:
        """The phones that rang, too, need not ring on."""
        late, self._late = self._late, []
        await let_go_all(self.sb, late, ELSEWHERE)

    async def _take_up(self, connected: Sequence[str] | None) -> None:
        """One who is missing has hung up: the mailbox says so."""
        talk = self._talk
        if talk.conversation.secure:  # what he typed is not known any more
            self.call.note(t.SecureEnded(self.call.now(), "interrupted"))
            await put_right(self.call, self.sb)
        talk.take_up()
        await talk.seating.recover(talk.conversation, connected)
        await talk.recording.begin(talk.queue, self.began)
        await talk.follow()

    # -- what happens -------------------------------------------------------------------------

    async def _listen(self) -> Ending:
        """Until it is over."""
        talk = self._talk
        while talk.ending is None:
            if talk.conversation.is_over:
                self.call.step(ARI, "back", ACD, "not transferred")
                return Ending("agent", to=self._back())
            if talk.conversation.secure:
                await self._be_secure()
                continue
            mail = await self.call.receive(self._next_deadline())
            await self._on_deadlines()
            if mail is not None and talk.ending is not None:
                self.call.put_back([mail])
            elif mail is not None:
                await self._take(mail)
        return talk.ending

    async def _take(self, mail: Mail) -> None:
        talk = self._talk
        match mail:
            case LegGone():
                await self._leg_gone(mail)
            case LegRinging() | LegAnswered():
                await self._callees.hear(mail)
            case EndpointChanged(endpoint=phone, online=False):
                await self._miss(self._callees.phone_left(phone), Missed.UNREACHABLE)
            case DigitPressed(channel=leg, digit=digit, at=at):
                await self._pressed(leg, digit, at)
            case PlaybackEnded(playback=playback):
                await talk.seating.disturbed(self._keys.was_told(playback), talk.conversation)
            case HoldChanged():
                await self._hold(mail)
            case RecordingEnded():
                talk.recording.hear(mail)
            case Asked():
                await self._asked(mail)
            case SupervisorIs():
                await self._watched(mail)

    async def _leg_gone(self, gone: LegGone) -> None:
        """Somebody hung up, or was not reached. The last one to go ends it."""
        talk = self._talk
        talk.bye(gone.channel)
        party = talk.conversation.parties.get(gone.channel)
        if party is None:
            return
        self._gone.add(gone.channel)
        if party.rings:
            consult = talk.conversation.consult
            why = await self._callees.gone(party, gone)
            await self._tell_missed(party, consult, why)
            return
        if talk.conversation.ends_with(party):
            talk.ending = Ending("agent", gone.at)
            return
        self.call.step(AGENT if party.agent else SIP, "BYE", ARI, party.name)
        await talk.left(party, "hung_up", gone.at)

    async def _miss(self, given_up: Awaitable[list[Party]], why: Missed) -> None:
        consult = self._talk.conversation.consult
        for party in await given_up:
            await self._tell_missed(party, consult, why)

    async def _tell_missed(self, party: Party, consult: Consult | None, why: Missed) -> None:
        """Who wanted to consult him hears why he is back with his caller."""
        by = self._talk.conversation.parties.get(consult.by) if consult is not None else None
        if by is None or consult is None or consult.leg != party.leg:
            return
        kind = DestinationKind.AGENT if party.agent else DestinationKind.NUMBER
        to = Destination(kind=kind, name=party.name)
        await self._keys.tell(by, ConsultWith(by.name, "phone", to), why)

    def _back(self) -> Destination:
        """Where he goes whom nobody took: to the line that he came from, at his old place."""
        queue = self.began.queue
        if queue in self.sb.site.queues:
            return Destination(kind=DestinationKind.QUEUE, name=queue)
        return Destination(kind=DestinationKind.EXIT)

    async def _hold(self, change: HoldChanged) -> None:
        """A phone held its call or took it back."""
        talk = self._talk
        if talk.conversation.phone_holds(change.channel) in (None, change.held):
            return
        source = SIP if change.channel == self.call.channel else AGENT
        self.call.step(source, "hold" if change.held else "resume", ARI)
        await talk.note(t.PhoneHeld(change.at, change.channel, change.held))

    async def _watched(self, mail: SupervisorIs) -> None:
        does, now = "leave" if mail.watch is Watch.GONE else mail.watch, self.call.now()
        self.call.step(AGENT, f"supervisor {does}s", AGENT, mail.supervisor)
        await self._talk.note(t.Watched(now, mail.supervisor, mail.watch, mail.agent))

    # -- keys and orders ----------------------------------------------------------------------

    async def _pressed(self, leg: str, key: str, at: float) -> None:
        party = self._talk.conversation.parties.get(leg)
        if party is None or not party.agent:
            return
        if party.line and key == END_KEY:  # a nailed-up agent does not hang up to end a talk
            await self._end_for(party, at)
            return
        if (order := self._keys.press(party, key, at)) is not None:
            await self._obey_keys(party, order)

    async def _end_for(self, party: Party, at: float) -> None:
        if self._talk.conversation.ends_with(party):
            self._talk.ending = Ending("agent", at)
        else:
            await self._talk.let_go(party, "left")

    async def _obey_keys(self, party: Party, order: Order) -> None:
        refused = ""
        try:
            await self._orders.obey(order)
        except NotPossible as error:
            refused = str(error)
            self.call.step(ARI, "not possible", AGENT, refused)
        await self._keys.tell(party, order, refused)

    async def _asked(self, asked: Asked) -> None:
        if asked.answer.done():  # nobody waits for it any more
            return
        try:
            told = await self._orders.obey(asked.order)
        except NotPossible as error:
            refuse(asked, str(error))
        except Exception:
            refuse(asked, "the talk has failed")
            raise
        else:
            if not asked.answer.done():
                asked.answer.set_result(told)

    # -- time ---------------------------------------------------------------------------------

    def _next_deadline(self) -> float | None:
        talk = self._talk
        deadlines = (
            self._until,
            self._callees.next_deadline(),
            self._keys.next_deadline(),
            talk.recording.next_deadline(),
            talk.seating.again_at,
            talk.recording_again,
            talk.next_bye(),
        )
        return min((each for each in deadlines if each is not None), default=None)

    async def _on_deadlines(self) -> None:
        """What is due, whatever woke us."""
        talk, now = self._talk, self.call.now()
        talk.forget_byes(now)
        if self._until is not None and now >= self._until:
            self.call.step(ARI, "BYE", SIP, "longest time")
            self.timed_out, talk.ending = True, Ending("engine")
            return
        if (typed := self._keys.on_deadline(now)) is not None:
            await self._obey_keys(*typed)
        again = [at for at in (talk.seating.again_at, talk.recording_again) if at is not None]
        if again and min(again) <= now:
            await talk.follow()
        await talk.recording.on_deadline()
        await self._miss(self._callees.on_deadline(now), Missed.NO_ANSWER)

    # -- the caller alone with a flow ---------------------------------------------------------

    async def _be_secure(self) -> None:
        """What happens meanwhile is heard when he is back."""
        talk, aside = self._talk, list[Mail]()

        def hear(mail: Mail) -> None:
            if isinstance(mail, Asked):
                refuse(mail, "the caller types what nobody may hear: wait until he is back")
            elif not isinstance(mail, LegGone) or not self._left_meanwhile(mail):
                aside.append(mail)

        try:
            by = await run_secure(self.call, self.sb, talk.conversation.secure, hear)
        finally:
            self.call.put_back(aside)
        self.call.step(ARI, "secure step ended", AGENT, by)
        await talk.note(t.SecureEnded(self.call.now(), by))

    def _left_meanwhile(self, gone: LegGone) -> bool:
        """An agent hung up while the caller is away: free at once, and it is over with the last."""
        talk, party = self._talk, self._talk.conversation.parties.get(gone.channel)
        talk.bye(gone.channel)
        if party is None or party.rings:
            return party is None
        self._gone.add(gone.channel)
        at = self.sb.desk.moment(gone.at)
        if talk.conversation.ends_with(party):
            talk.ending = Ending("agent", at)
        else:
            self.call.note(t.PartyLeft(at, gone.channel, "hung_up"))
        if party.agent:
            self.sb.desk.post(TalkEnded(party.agent, self.call.id), at)
        return True

    # -- apart --------------------------------------------------------------------------------

    async def _end(self, ending: Ending) -> None:
        """The agents are free of this contact: tell the desk before anything that may take time."""
        self._note_began()
        call, talk = self.call, self._talk
        at = self.sb.desk.moment(ending.at)
        conversation = talk.conversation
        parties = list(conversation.parties.values())
        call.note(n.TalkEnded(at, ending.by, ending.to))  # first: square_up makes good what follows
        for party in parties:
            self._part(party, at, hears=party.leg == ending.hears)
        if ending.to is not None:
            await self._comfort()
        call.step({"caller": SIP, "agent": AGENT}.get(ending.by, ARI), "BYE", ARI, ending.by)
        await talk.seating.disband(conversation, call.channel)
        call.bridge = None
        for party in parties:
            if party.leg != ending.hears:
                await release(self.sb, party)
        await talk.await_byes()
        await self._tell_late()
        await talk.recording.close(at)
        refuse_all(call, "the talk is over")

    async def _comfort(self) -> None:
        """He is on his way to somebody else, and must not wait for that in silence."""
        with suppress(PbxError):  # he has just hung up: the mailbox says so
            await self.sb.pbx.start_music(self.call.channel, self._talk.queue.music)

    def _part(self, party: Party, at: float, *, hears: bool) -> None:
        if not party.agent:
            return
        if hears:
            keep_for_a_word(self.call, self.sb, party)
        elif not party.line and party.leg not in self._gone:
            self._talk.expect_bye(party)
        self.sb.desk.post(TalkEnded(party.agent, self.call.id, missed=party.rings), at)
        self.sb.watching.ended(party.agent, self.call.id)
