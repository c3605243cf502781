"""Whether unique codes can be verified with the key of this process; for status and health."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from engine.errors import InvalidCodeKey, StoreUnavailable
from engine.service.rule_set import ServedRuleSet
from engine.store.coupon_pools import CouponPools
from engine.store.following import Followed, Following

LOOK_EVERY = 10.0
"""Seconds between checks: a pool may be filled under another key at any time."""

_log = logging.getLogger(__name__)


class CodeFaults:
    """Faults by rule set served. The thread that follows the store checks them, so calls do not wait."""

    def __init__(self, pools: Callable[[str], CouponPools]) -> None:
        """``pools`` gives those of a rule set, and raises InvalidCodeKey and OSError where there is no key."""
        self._pools = pools
        self._faults: Mapping[ServedRuleSet, str] = MappingProxyType({})
        self._until = 0.0

    def look(self, rule_sets: Iterable[ServedRuleSet]) -> None:
        """Check against the store, unless that was done recently; each fault is logged once."""
        asked = [each for each in rule_sets if each.counting.pools]
        if asked == list(self._faults) and time.monotonic() < self._until:
            return
        found = {each: self._fault(each) for each in asked}
        for each, fault in found.items():
            if fault and fault != self._faults.get(each):
                _log.warning("%s: %s", each.name, fault)
        self._faults = found
        self._until = time.monotonic() + LOOK_EVERY

    def added_to(self, following: Following) -> Following:
        """The state of a follower, with these faults added."""
        rule_sets = dict(following.rule_sets)
        for each, fault in self._faults.items():
            if fault:
                known = rule_sets.get(each.name) or Followed(0, each.program.version, 0, 0, "")
                faults = filter(None, (known.fault, fault))
                rule_sets[each.name] = known._replace(fault="; ".join(faults))
        return following._replace(rule_sets=dict(sorted(rule_sets.items())))

    def _fault(self, rule_set: ServedRuleSet) -> str:
        """Empty if there is none; while the store is unavailable, the one last known."""
        try:
            self._pools(rule_set.name).check_key()
        except InvalidCodeKey as error:
            return f"unique codes cannot be verified: {error.code.upper()}: {error}"
        except OSError as error:
            return f"unique codes cannot be verified: {error}"
        except StoreUnavailable:
            return self._faults.get(rule_set, "")
        return ""
