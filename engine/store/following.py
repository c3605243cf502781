"""Following the store: what is active there is served here, from memory and disk while the store is unavailable."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from threading import Event, Thread
from types import MappingProxyType
from typing import NamedTuple

from engine.errors import CartwrightError, DuplicateRuleSet, StoreUnavailable
from engine.store.jitter import jittered
from engine.store.kept import KeptRevisions
from engine.store.loaded import LoadedRevision, fetch, load
from engine.store.revisions import Activation, Pointer
from engine.store.rule_sets import UNASKED, RuleSetStore

_INTERVAL = 1.0
"""Longest time between two polls, in seconds: how far a replica is behind if every message is lost."""
_TRY_AGAIN = 10.0
"""Seconds after which a revision that could not be taken up is tried again, even if no pointer changed."""
_AHEAD = 60 * 10**6
"""Microseconds before its moment at which a scheduled revision is prepared."""
_GONE = "the store no longer has it; the revision that was last active is still served"
_DAMAGED = "its pointer in the store is damaged, so what was last active is still served: activate a revision"

_log = logging.getLogger(__name__)


class Followed(NamedTuple):
    """The state of a rule set.

    ``number`` is the revision served since ``since`` (nanoseconds since 1970 by the local clock), 0 if none; ``wanted``
    is the one active in the store, 0 if none is known.
    """

    number: int
    version: str
    since: int
    wanted: int
    fault: str


class Following(NamedTuple):
    """The state of a follower. ``answered`` is when the store last answered (monotonic seconds), None if never."""

    available: bool = False
    answered: float | None = None
    polls: int = 0
    polls_failed: int = 0
    swaps: int = 0
    refused: int = 0
    rule_sets: Mapping[str, Followed] = MappingProxyType({})

    @property
    def in_step(self) -> bool:
        """Whether the store answers and everything active there is served."""
        return self.available and not any(each.fault for each in self.rule_sets.values())


class _Failure(NamedTuple):
    """Why a revision could not be taken up; not tried again before ``until`` (monotonic seconds)."""

    fault: str
    until: float


class Follower:
    """Keeps what is served in step with the store, in a thread of its own.

    A message is a hint to poll at once; correctness relies on the jittered poll alone. A revision is fetched, verified
    and loaded beside the one that is served until it replaces that; a bad one changes nothing. The store's clock is
    extrapolated from its last answer, so a scheduled revision takes effect even while the store is unavailable.
    """

    def __init__(
        self,
        store: RuleSetStore,
        serve: Callable[[LoadedRevision], None],
        *,
        fixed: Collection[str] = (),
        kept: KeptRevisions | None = None,
        tell: Callable[[Following], None] = lambda following: None,
    ) -> None:
        """``serve`` replaces the revision served; it raises CartwrightError or OSError if it cannot.

        ``fixed`` are rule sets that come from files. ``tell`` is called with the state after every poll.
        """
        self._store = store
        self._serve = serve
        self._fixed = frozenset(fixed)
        self._kept = kept
        self._tell = tell
        self._generation = UNASKED
        self._pointers: dict[str, Pointer] = {}
        self._damaged: frozenset[str] = frozenset()
        self._unmarked: dict[str, Activation] = {}
        self._served: dict[str, tuple[LoadedRevision, int]] = {}
        self._ready: dict[str, LoadedRevision] = {}
        self._failed: dict[tuple[str, Activation], _Failure] = {}
        self._clock = 0, 0.0
        self.following = Following()
        """Replaced as a whole after each poll."""
        self._counted = self.following
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="rule sets", daemon=True)

    def catch_up(self) -> None:
        """Serve what is active in the store, and from disk what the store cannot give; before `start`.

        Raises DuplicateRuleSet if a fixed rule set is active in the store.
        """
        self._look()
        taken = sorted(self._fixed.intersection(self._pointers))
        if taken:
            raise DuplicateRuleSet(
                f"{', '.join(taken)} is passed as a file but active in the store: do not pass the file"
            )
        for stored in self._kept.all() if self._kept is not None else ():
            if stored.name not in self._served and stored.name not in self._fixed:
                try:
                    self._put(load(stored))
                except (CartwrightError, OSError) as error:
                    _log.warning("%s: revision %d on disk cannot be used: %s", stored.name, stored.number, error)
        self._sum_up()

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._follow()
            except Exception:
                _log.exception("following the store failed; trying again")
            self._stopped.wait(self._patience())

    def _follow(self) -> None:
        """Poll, and again at each message, while the store answers; once if it cannot be listened to."""
        try:
            with self._store.listening() as next_message:
                while self._look() and not self._stopped.is_set():
                    next_message(self._patience())
        except StoreUnavailable:
            self._look()

    def _patience(self) -> float:
        """Seconds until the next poll: at the end of the interval, or when a scheduled revision is due."""
        now = self._now()
        moments = [pointer.scheduled.at for pointer in self._pointers.values() if pointer.scheduled is not None]
        return min([jittered(_INTERVAL), *((at - now) / 10**6 for at in moments if at > now)])

    def _now(self) -> int:
        """The store's clock in microseconds, extrapolated from its last answer; never ahead of it."""
        moment, answered = self._clock
        return moment + int((time.monotonic() - answered) * 10**6)

    def _look(self) -> bool:
        """Poll the store and serve what is active; returns whether it answered."""
        self._settle()  # what is due by now does not wait for an answer
        before = self._counted
        try:
            polled = self._store.poll(self._generation)
        except StoreUnavailable as error:
            if before.available or not before.polls:
                _log.warning("rule sets are not updated: %s", error)
            self._counted = before._replace(
                available=False, polls=before.polls + 1, polls_failed=before.polls_failed + 1
            )
        else:
            if before.polls and not before.available:
                _log.info("the store answers again")
            answered = time.monotonic()
            self._clock = polled.now, answered
            if polled.pointers is not None:
                self._generation = polled.generation
                self._repoint(polled.pointers)
            self._counted = before._replace(available=True, answered=answered, polls=before.polls + 1)
            self._settle()
            self._mark()
        self._sum_up()
        return self._counted.available

    def _repoint(self, pointers: Mapping[str, Pointer | None]) -> None:
        """Try again what failed, and drop what was prepared and is no longer scheduled."""
        before = self._pointers
        known = {name: pointer or before.get(name) for name, pointer in pointers.items()}
        self._pointers = {name: pointer for name, pointer in known.items() if pointer is not None}
        self._damaged = frozenset(name for name, pointer in pointers.items() if pointer is None)
        for name in sorted(self._damaged):
            _log.warning("%s: %s", name, _DAMAGED)
        for name, last in before.items():
            scheduled = self._pointers.get(name, last).scheduled
            if scheduled is not None and scheduled == last.active:  # the store has forgotten that its moment has come
                self._take_effect(name, scheduled)
        self._failed.clear()
        for name, ready in list(self._ready.items()):
            wanted = self._pointers[name].scheduled if name in self._pointers else None
            if wanted is None or not ready.is_of(wanted):
                del self._ready[name]
        for name in sorted(self._served.keys() - pointers.keys()):
            _log.warning("%s: %s", name, _GONE)

    def _settle(self) -> None:
        """Serve what the pointers make active now, and prepare what they schedule for soon."""
        now = self._now()
        for name, pointer in sorted(self._pointers.items()):
            active, scheduled = pointer.at(now)
            if active is not None and active is pointer.scheduled:
                self._take_effect(name, active)
            if active is not None:
                self._attempt(name, active, self._take_up)
            if scheduled is not None and scheduled.at <= now + _AHEAD:
                self._attempt(name, scheduled, self._make_ready)

    def _take_effect(self, name: str, scheduled: Activation) -> None:
        """From now on it is active, whatever the clock says later."""
        self._pointers[name] = Pointer(scheduled)
        self._unmarked[name] = scheduled

    def _mark(self) -> None:
        """Tell the store what took effect here, for others and for later; what fails is tried again after each poll."""
        with suppress(CartwrightError):
            for name, active in list(self._unmarked.items()):
                self._store.mark_active(name, active)
                del self._unmarked[name]

    def _attempt(self, name: str, wanted: Activation, act: Callable[[str, Activation], None]) -> None:
        """Report a failure, and do not try again for a while."""
        failed = self._failed.get((name, wanted))
        if failed is not None and time.monotonic() < failed.until:
            return
        try:
            if name in self._fixed:
                raise DuplicateRuleSet("the rule set is served from a file")
            act(name, wanted)
        except StoreUnavailable:
            return  # the next poll reports it
        except (CartwrightError, OSError) as error:
            fault = f"revision {wanted.revision} cannot be served: {error}"
            if failed is None or failed.fault != fault:
                _log.warning("%s: %s", name, fault)
            self._failed[name, wanted] = _Failure(fault, time.monotonic() + _TRY_AGAIN)
            self._counted = self._counted._replace(refused=self._counted.refused + 1)
        else:
            self._failed.pop((name, wanted), None)

    def _take_up(self, name: str, wanted: Activation) -> None:
        serving = self._loaded(name)
        if serving is None or not serving.is_of(wanted):
            self._put(fetch(self._store, name, wanted, (serving, self._ready.pop(name, None))))

    def _make_ready(self, name: str, wanted: Activation) -> None:
        self._ready[name] = fetch(self._store, name, wanted, (self._ready.get(name), self._loaded(name)))

    def _loaded(self, name: str) -> LoadedRevision | None:
        return self._served[name][0] if name in self._served else None

    def _put(self, loaded: LoadedRevision) -> None:
        """Replace the revision served."""
        self._serve(loaded)
        stored = loaded.stored
        self._served[stored.name] = loaded, time.time_ns()
        self._counted = self._counted._replace(swaps=self._counted.swaps + 1)
        _log.info("%s: serving revision %d, version %s", stored.name, stored.number, stored.version[:8])
        if self._kept is not None:
            try:
                self._kept.keep(stored)
            except OSError as error:
                _log.warning("%s: revision %d is not kept on disk: %s", stored.name, stored.number, error)

    def _sum_up(self) -> None:
        now = self._now()
        rule_sets = {}
        for name in sorted({*self._served, *self._pointers, *self._damaged}):
            active = self._pointers[name].at(now).active if name in self._pointers else None
            loaded, since = self._served.get(name, (None, 0))
            number, version = (0, "") if loaded is None else (loaded.stored.number, loaded.stored.version)
            wanted = 0 if active is None else active.revision
            rule_sets[name] = Followed(number, version, since, wanted, self._fault(name))
        self.following = self._counted = self._counted._replace(rule_sets=rule_sets)
        self._tell(self.following)

    def _fault(self, name: str) -> str:
        if name in self._damaged:
            return _DAMAGED
        if name not in self._pointers:
            return _GONE if self._generation != UNASKED else ""
        return next((failure.fault for (of, _), failure in self._failed.items() if of == name), "")
