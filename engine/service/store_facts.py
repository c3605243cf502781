"""What the store knows of a cart, brought to it before it is priced; nothing here waits for the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from engine._native.session import Session
from engine.pricing.cart import Cart, Usage
from engine.pricing.mutations import SetUsage, apply
from engine.service.brought import NOTHING_BROUGHT, Brought
from engine.service.messages import mutation_to_message
from engine.service.rule_set import ServedRuleSet
from engine.store.connection import Connection
from engine.store.counting import Redeemer
from engine.store.redemptions import less
from engine.store.usage import Counters, CounterWatch
from engine.v1 import pricing_pb2


class StoreFacts:
    """Brings usage to carts, from counters that are followed beside the calls. Any thread may call it."""

    def __init__(self, store: Connection) -> None:
        self.store = store
        self._watch = CounterWatch(store)

    def start(self, rule_sets: Iterable[ServedRuleSet]) -> None:
        """From now on follow the counters of these rule sets, and of those that are priced under later."""
        for each in rule_sets:
            if each.counting.counts:
                self._watch.of(each.name)
        self._watch.start()

    def stop(self) -> None:
        self._watch.stop()

    def counters(self, rule_set: str) -> Counters:
        """The counters of a rule set, as they are known here."""
        return self._watch.of(rule_set)

    def usage(self, rule_set: ServedRuleSet, cart: Redeemer) -> Mapping[str, Usage]:
        """What can matter of what was redeemed, as far as is known here, without what the cart holds in reservation."""
        counters = self._watch.of(rule_set.name)
        held = counters.held_by(cart.cart_id)
        if held is None:
            return rule_set.counting.usage(cart, counters.read, counters.change)
        return rule_set.counting.usage(cart, lambda counter: less(counters.read(counter), held.get(counter)))

    def bring(
        self,
        session: Session,
        rule_set: ServedRuleSet,
        now: int,
        before: Brought | None = None,
        restated: Collection[str] = (),
    ) -> Brought | None:
        """Bring usage to the cart that a session has loaded. None where it does not take it; it has no cart then.

        ``before`` was brought to it earlier, None to a new one; ``restated`` are promotions whose usage the caller has
        sent since.
        """
        if not rule_set.counting.counts:
            return before or NOTHING_BROUGHT
        asked = session.redeemer()
        cart, promotions = Redeemer(*asked[:5]), asked[5]
        if before is None:
            before = NOTHING_BROUGHT._replace(sent=frozenset(promotions)) if promotions else NOTHING_BROUGHT
        elif restated:
            before = before._replace(sent=before.sent.union(restated))
        usage = self.usage(rule_set, cart)
        changes = _changes(before, usage)
        if changes:
            request = pricing_pb2.MutateCartRequest(mutations=map(mutation_to_message, changes))
            if not session.mutate(request.SerializeToString(), now):
                return None
        return before._replace(usage=usage)

    def brought(
        self, cart: Cart, rule_set: ServedRuleSet, before: Brought | None = None, restated: Collection[str] = ()
    ) -> tuple[Cart, Brought]:
        """The same for a cart in Python."""
        if not rule_set.counting.counts:
            return cart, before or NOTHING_BROUGHT
        if before is None:
            before = Brought(sent=frozenset(each.promotion_id for each in cart.usage))
        before = before._replace(sent=before.sent.union(restated))
        usage = self.usage(rule_set, redeemer(cart))
        return apply(cart, _changes(before, usage)), before._replace(usage=usage)


def redeemer(cart: Cart) -> Redeemer:
    """What of a cart counters are asked by."""
    customer_id = "" if cart.customer is None else cart.customer.id
    return Redeemer(cart.id, cart.currency, cart.at, customer_id, cart.coupons)


def _changes(before: Brought, usage: Mapping[str, Usage]) -> list[SetUsage]:
    """What makes the usage brought before the usage of now; what the caller sent stays."""
    if usage is before.usage:
        return []
    return [
        SetUsage(usage.get(id) or Usage(promotion_id=id))
        for id in dict.fromkeys((*before.usage, *usage))
        if id not in before.sent and usage.get(id) != before.usage.get(id)
    ]
