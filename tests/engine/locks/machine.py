"""A model of a lock, and the real one on a real server, taken through the same random histories.

In every history: never two exclusive holders, in terms of fences; nobody who waits is forgotten; no lease outlives its
time; tokens only grow; whoever has it has the token that the server knows.
"""

from __future__ import annotations

import time

import redis as redis_py
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from job_console.engine.locks import models, steps
from job_console.engine.models.locks import COUNTED, SHARED
from job_console.engine.redis import keys

from ...support.locks import has_waited, held, let_end, tokens

NAME = "a.localhost|model"
PEOPLE = st.integers(0, 5)
#: Long enough that a loaded machine does not end it between two steps; what shall end is ended by hand.
TTL_S = 30.0
HOUR = 3600.0


class Machine(RuleBasedStateMachine):
    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.redis = redis_py.Redis.from_url(self.url)
        self.redis.flushall()
        self.numbers = 0
        #: Who has it, and who waits in which order, as it ought to be: person to what they asked for.
        self.holding: dict[int, steps.Wanted] = {}
        self.line: list[int] = []
        self.asking: dict[int, steps.Wanted] = {}
        self.slept: set[str] = set()
        self.tokens: dict[str, int] = {}
        #: Leases that are over, and whose holders may have it again by now.
        self.over: list[tuple[steps.Wanted, int]] = []
        #: A resource that refuses old tokens, as docs/locks.md advises, and what was written to it.
        self.highest = 0

    def teardown(self) -> None:
        self.redis.close()
        self.redis.connection_pool.disconnect()

    # What may happen.

    @rule(person=PEOPLE, kind=st.sampled_from(["x", "x", "s", "2", "3"]), patient=st.booleans(), slept=st.booleans())
    def ask(self, person: int, kind: str, patient: bool, slept: bool) -> None:
        if person in self.holding or person in self.line:
            return
        self.numbers += 1
        wanted = steps.Wanted(
            NAME, f"p{person}n{self.numbers}", TTL_S,
            SHARED if kind == "s" else COUNTED, int(kind) if kind.isdecimal() else 1,
        )  # fmt: skip
        free = not self.line and self._fits(wanted)
        answer = steps.acquire(self.redis, wanted, 60 if patient else 0)
        if free:
            assert isinstance(answer, int), "it was free, and nobody waited"
            self.holding[person] = wanted
            self._granted(wanted, answer)
        elif patient:
            assert isinstance(answer, steps.Wait)
            assert answer.place > len(self.line), "the dead count until they are passed over"
            self.line.append(person)
            self.asking[person] = wanted
            self._let_wait(wanted, slept)
        else:
            assert isinstance(answer, steps.Busy)

    @precondition(lambda self: self.holding)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(sorted(self.holding)))
        wanted = self.holding.pop(person)
        token = self.tokens[wanted.id]
        assert steps.release(self.redis, NAME, wanted.id, token)
        assert steps.release(self.redis, NAME, wanted.id, token), "sent again after a lost answer"
        self._hand_over()

    @precondition(lambda self: self.holding)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        wanted = self.holding[data.draw(st.sampled_from(sorted(self.holding)))]
        assert steps.renew(self.redis, [self._proof(wanted)]) == [True]

    @precondition(lambda self: self.holding)
    @rule(data=st.data())
    def stall(self, data: st.DataObject) -> None:
        """A holder sleeps through the end of its lease; what it does after is refused."""
        person = data.draw(st.sampled_from(sorted(self.holding)))
        wanted = self.holding.pop(person)
        let_end(self.redis, NAME, wanted.id)
        assert steps.renew(self.redis, [self._proof(wanted)]) == [False]
        assert not steps.release(self.redis, NAME, wanted.id, self.tokens[wanted.id])
        self._hand_over()

    @precondition(lambda self: self.holding)
    @rule(data=st.data())
    def ask_late(self, data: st.DataObject) -> None:
        """A holder sleeps through the end of its lease. What it sent before it had the lock arrives only now."""
        person = data.draw(st.sampled_from(sorted(self.holding)))
        wanted = self.holding.pop(person)
        let_end(self.redis, NAME, wanted.id)
        self._ask_again(person, wanted)

    @precondition(lambda self: self.line)
    @rule(newcomer=PEOPLE)
    def hear_too_late(self, newcomer: int) -> None:
        """Somebody's turn comes while it cannot hear, and goes by. Then it asks again."""
        steps.force_release(self.redis, NAME, tokens(self.redis, NAME), "", ())
        person = self.line.pop(0)
        wanted = self.asking.pop(person)
        self.holding = {person: wanted}
        self.tokens[wanted.id] = self.highest = self._token(wanted)
        self._hand_over()
        let_end(self.redis, NAME, wanted.id)
        del self.holding[person]
        steps.release(self.redis, NAME, "nobody", 0)
        self._hand_over()
        if newcomer != person:
            self.ask(newcomer, "x", patient=True, slept=False)
        self._ask_again(person, wanted)

    @precondition(lambda self: self.line)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(self.line))
        self.line.remove(person)
        answer = steps.leave(self.redis, NAME, self.asking.pop(person).id, still_wanted=True)
        assert isinstance(answer, steps.Busy)
        self._hand_over()

    @precondition(lambda self: self.line)
    @rule(data=st.data())
    def die_waiting(self, data: st.DataObject) -> None:
        """Long ago: its time in the line is over."""
        person = data.draw(st.sampled_from(self.line))
        self.line.remove(person)
        has_waited(self.redis, NAME, self.asking.pop(person).id, heard=3 * HOUR)
        steps.release(self.redis, NAME, "nobody", 0)  # whatever happens next lets the script look
        self._hand_over()

    @precondition(lambda self: self.line)
    @rule(data=st.data())
    def look_again(self, data: st.DataObject) -> None:
        """As a waiter does who was not woken."""
        person = data.draw(st.sampled_from(self.line))
        answer = steps.acquire(self.redis, self.asking[person], 60)
        assert isinstance(answer, steps.Wait)
        assert answer.place > self.line.index(person)
        self._let_wait(self.asking[person], slept=True)

    @rule()
    def force(self) -> None:
        before = self._fence()
        taken = steps.force_release(self.redis, NAME, tokens(self.redis, NAME), "", ())
        assert len(taken.records) == len(self.holding)
        lost, self.holding = self.holding, {}
        for wanted in lost.values():
            assert steps.renew(self.redis, [self._proof(wanted)]) == [False]
        if lost:
            assert self._fence() > before
        self._hand_over()

    @rule()
    def forget_everything(self) -> None:
        self.redis.flushall()
        for wanted in self.holding.values():
            assert steps.renew(self.redis, [self._proof(wanted)]) == [False]
        self.holding, self.line, self.asking = {}, [], {}

    # What must be true then.

    @invariant()
    def the_server_agrees(self) -> None:
        assert set(held(self.redis, NAME)) == {each.id for each in self.holding.values()}
        waiting = [row.decode() for row in self.redis.zrange(keys.lock_line(NAME), 0, -1)]
        assert [lease for lease in waiting if self._alive(lease)] == [self.asking[person].id for person in self.line]

    @invariant()
    def holders_agree(self) -> None:
        modes = {each.mode for each in self.holding.values()}
        assert len(modes) <= 1
        if modes == {COUNTED}:
            assert len(self.holding) <= min(each.slots for each in self.holding.values())

    @invariant()
    def no_lease_outlives_its_time(self) -> None:
        now = time.time()
        assert all(ends <= now + TTL_S + 0.1 for ends in held(self.redis, NAME).values())

    @invariant()
    def only_the_newest_writes(self) -> None:
        """In terms of fences: of the exclusive holders there ever were, the resource accepts the present one only."""
        for wanted in self.holding.values():
            if wanted.mode == COUNTED and wanted.slots == 1:
                assert self.tokens[wanted.id] == max(self.tokens.values())

    @invariant()
    def everybody_has_the_token_of_its_lease(self) -> None:
        for wanted in self.holding.values():
            assert self.tokens[wanted.id] == self._token(wanted)

    @invariant()
    def nobody_proves_anything_by_an_old_token(self) -> None:
        for wanted, token in self.over:
            assert steps.renew(self.redis, [(wanted, token)]) == [False]

    def _alive(self, lease: str) -> bool:
        row = models.waiter(lease, (self.redis.hget(keys.lock(NAME), f"waits:{lease}") or b"").decode())
        return row is not None and row.alive_until.timestamp() > time.time()

    def _fits(self, wanted: steps.Wanted) -> bool:
        held = list(self.holding.values())
        if not held:
            return True
        if any(each.mode != wanted.mode for each in held):
            return False
        return wanted.mode == SHARED or len(held) < min(each.slots for each in [*held, wanted])

    def _hand_over(self) -> None:
        """Those who ought to have it now have it, were woken, and take it as their own."""
        while self.line and self._fits(self.asking[self.line[0]]):
            person = self.line.pop(0)
            wanted = self.asking.pop(person)
            assert self.redis.llen(keys.lock_wake(wanted.id)) == 1, "a wake-up was lost"
            answer = steps.wait_for_turn(self.redis, wanted, 1)
            assert (answer is None) == (wanted.id in self.slept)
            if answer is None:
                answer = steps.acquire(self.redis, wanted, 60)
            assert isinstance(answer, int)
            assert held(self.redis, NAME)[wanted.id] > time.time() + TTL_S / 2, "the whole lease"
            self.holding[person] = wanted
            self._granted(wanted, answer)

    def _ask_again(self, person: int, wanted: steps.Wanted) -> None:
        """After a lease that is over: those in line come first, and then it is a new lease."""
        self.over.append(self._proof(wanted))
        answer = steps.acquire(self.redis, wanted, 60)
        self._hand_over()
        if isinstance(answer, int):
            assert not self.line
            assert self._fits(wanted)
            self.holding[person] = wanted
            self._granted(wanted, answer)
        else:
            assert not self.redis.exists(keys.lock_wake(wanted.id)), "told of a lease that is over"
            self.line.append(person)
            self.asking[person] = wanted
            self._let_wait(wanted, slept=wanted.id in self.slept)

    def _proof(self, wanted: steps.Wanted) -> tuple[steps.Wanted, int]:
        return wanted, self.tokens[wanted.id]

    def _token(self, wanted: steps.Wanted) -> int:
        """That the server knows it by."""
        leases = held(self.redis, NAME)
        return tokens(self.redis, NAME)[list(leases).index(wanted.id)]

    def _granted(self, wanted: steps.Wanted, token: int) -> None:
        assert token > self.highest
        self.highest = token
        self.tokens[wanted.id] = token

    def _fence(self) -> int:
        """See lua/lock_read.lua."""
        now = self.redis.hget(keys.lock(NAME), "now")
        return int(now.split()[0]) if now else 0

    def _let_wait(self, wanted: steps.Wanted, slept: bool) -> None:
        """Who waits lives for another hour, or has slept for one: how fast this machine is must not matter."""
        has_waited(self.redis, NAME, wanted.id, heard=-HOUR)
        if slept:
            self.slept.add(wanted.id)
        has_waited(self.redis, NAME, wanted.id, came=2 * HOUR if slept else -HOUR)
