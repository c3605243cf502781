"""Which promotions touch a cart (docs/pricing.md §8), found through an index of what they reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Set

from engine.advice.situation import Situation
from engine.pricing.cart import Cart
from engine.pricing.coupons import SentCodes
from engine.pricing.reference.eligibility import coded, sent_codes
from engine.rules.checked import CheckedRules, Promotion
from engine.rules.checked_rewards import BundleReward, BuyGetReward, GoodsReward, Reward, ShippingReward


class Touching:
    """An index of the promotions of a rule set, under everything by which they may touch a cart."""

    def __init__(self, rules: CheckedRules) -> None:
        self._rules = rules
        self._always: list[int] = []
        self._by_segment: defaultdict[int, list[int]] = defaultdict(list)
        self._by_method: defaultdict[str, list[int]] = defaultdict(list)
        self._by_any_method: list[int] = []
        self._by_code: defaultdict[str, list[int]] = defaultdict(list)
        self._by_pool: defaultdict[str, list[int]] = defaultdict(list)
        for index, promotion in enumerate(rules.promotions):
            self._file(index, promotion.reward)
            if promotion.needs_coupon:
                self._file_codes(index, promotion)

    def codes(self, cart: Cart) -> SentCodes:
        """The codes that a cart sends."""
        return sent_codes(self._rules, cart, self._by_code)

    def of(self, situation: Situation) -> Set[int]:
        """Those that reach goods, or a rate where one is chosen, or grant without money, or have a code sent."""
        found = set(self._always)
        for segment in frozenset().union(*situation.sketch.segments.values()):
            found.update(self._by_segment.get(segment, ()))
        if situation.methods:
            found.update(self._by_any_method)
        for method in situation.methods:
            found.update(self._by_method.get(method, ()))
        found.update(self._with_code(situation))
        return found

    def _file(self, index: int, reward: Reward) -> None:
        match reward:
            case GoodsReward():
                self._by_segment[reward.segment].append(index)
            case BuyGetReward():
                for segment in {reward.buy, reward.get}:
                    self._by_segment[segment].append(index)
            case BundleReward():
                for segment in {part.segment for part in reward.parts}:
                    self._by_segment[segment].append(index)
            case ShippingReward(methods=()):
                self._by_any_method.append(index)
            case ShippingReward():
                for method in reward.methods:
                    self._by_method[method].append(index)
            case _:
                self._always.append(index)

    def _file_codes(self, index: int, promotion: Promotion) -> None:
        for code in coded(promotion, self._rules).codes:
            self._by_code[code].append(index)
        self._by_pool[promotion.pool].append(index)

    def _with_code(self, situation: Situation) -> Iterator[int]:
        sent = situation.codes.sent
        filed = [self._by_code.get(code, ()) for code in sent]
        filed += [self._by_pool.get(pool, ()) for pool in {fact.pool for fact in situation.cart.coupon_facts}]
        for index in {index for each in filed for index in each}:
            needing = coded(self._rules.promotions[index], self._rules)
            if any(situation.codes.belongs_to(needing, code) for code in sent):
                yield index
