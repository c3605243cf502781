"""From a scenario to a cart: lines are chosen and repaired, and the rest of the cart is filled in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from engine.lint.codes import Code, facts_of
from engine.lint.items import WEIGHT, Draft, attributes_of, nearest, text_of
from engine.lint.literals import TooComplex, Variable
from engine.lint.needs import Demand, Goal
from engine.lint.repair import Losses, Repair
from engine.lint.scenarios import Scenario
from engine.lint.structure import Structure, group_of
from engine.money import exponent
from engine.pricing.cart import AttributeValue, Cart, Customer, Line, Rate, Shipment
from engine.rules.checked_rewards import DISCOUNTABLE
from engine.rules.expressions import Subject


class Carts:
    """Builds carts of one rule set in one currency, the same ones every time."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._unit = 10 ** exponent(structure.currency_code)

    def build(
        self, scenario: Scenario, drafts: Sequence[Draft], codes: Sequence[Code], at: int, losses: Losses
    ) -> Cart | None:
        """The cart of a layout with these codes at a moment (seconds); None when its figures cannot be repaired."""
        lines = Repair(self._structure, scenario, losses, [replace(each) for each in drafts]).lines()
        return None if lines is None else self._cart(scenario, codes, at, lines)

    def layouts(self, scenario: Scenario, goal: Goal) -> Iterator[list[Draft]]:
        """Lines to start from: sharing segments where possible, then one for each; both also with one in no segment."""
        wanted = [Demand((each,)) for each in self._wanted(scenario)]
        counted = _segments(scenario)
        outside = [each for each in counted if self._none_of(scenario, each)]
        filler = self._item([], counted)
        tried: list[list[Scenario]] = []
        for shared in (True, False):
            merged = self._merged([*goal.demands, *wanted], outside, shared)
            if merged and merged not in tried:
                tried.append(merged)
                drafts = [self._draft(item, goal.price, scenario, number) for number, item in enumerate(merged, 1)]
                yield drafts
                if filler is not None:
                    yield [*drafts, self._draft(filler, goal.price, scenario, len(drafts) + 1)]

    def _wanted(self, scenario: Scenario) -> list[int]:
        """Segments that need a line."""
        found = []
        for variable in sorted(scenario.bounds):
            group = group_of(variable)
            if variable.subject == Subject.SEGMENT.value and group is not None and scenario.bound(variable)[0] > 0:
                found.append(group)
        return list(dict.fromkeys(each for each in found if each != DISCOUNTABLE))

    def _none_of(self, scenario: Scenario, segment: int) -> bool:
        names = ("quantity", "lines", "skus")
        return any(scenario.bound(Variable(Subject.SEGMENT.value, name, segment))[1] == 0 for name in names)

    def _merged(self, demands: Sequence[Demand], outside: list[int], shared: bool) -> list[Scenario]:
        """An item for each demand, or for several at once."""
        chosen: list[tuple[list[Demand], Scenario]] = []
        for demand in demands:
            for index, (others, _) in enumerate(chosen):
                if shared or all(
                    any(self._structure.inside(other, each) for one in others for other in one.segments)
                    for each in demand.segments
                ):
                    item = self._item([*others, demand], outside)
                    if item is not None:
                        chosen[index] = ([*others, demand], item)
                        break
            else:
                item = self._item([demand], outside)
                if item is not None:
                    chosen.append(([demand], item))
        items: list[Scenario | None] = [item for _, item in chosen] or [self._item([], outside)]
        return [each for each in items if each is not None]

    def _item(self, demands: Sequence[Demand], outside: list[int]) -> Scenario | None:
        """An item that meets all demands and is in none of the segments outside; None when none is known."""
        inside = dict.fromkeys(segment for each in demands for segment in each.segments)
        conditions = [each.item for each in demands if each.item is not None]
        with suppress(TooComplex):
            return next(self._structure.item_scenarios(inside, outside, conditions), None)
        return None

    def _draft(self, item: Scenario, price: int | None, scenario: Scenario, number: int) -> Draft:
        draft = Draft(item, self._structure.rules.attributes, 1, 0, number)
        low, high = draft.bound("price")
        draft.price = min(max(10 * self._unit if price is None else price, low), high)
        draft.quantity = max(1, draft.bound("quantity")[0])
        if any(each.name == "weight" for each in scenario.bounds):
            low, high = draft.bound("weight")
            draft.weight = min(max(WEIGHT, low), high)
        return draft

    def _cart(self, scenario: Scenario, codes: Sequence[Code], at: int, lines: Sequence[Line]) -> Cart:
        cart = Subject.CART
        return Cart(
            id="witness",
            rule_set=self._structure.rules.name,
            currency=self._structure.currency_code,
            at=at * 10**9,
            lines=tuple(lines),
            shipments=self._shipments(scenario),
            customer=self._customer(scenario),
            channel=text_of(scenario, _variable(cart, "channel")),
            payment_method=text_of(scenario, _variable(cart, "payment_method")),
            coupons=scenario.listed(_variable(cart, "coupons"), (code.text for code in codes)),
            coupon_facts=facts_of(codes),
            attributes=self._attributes(scenario, cart),
        )

    def _customer(self, scenario: Scenario) -> Customer | None:
        customer = Subject.CUSTOMER
        asked = [each for each in _variables(scenario) if each.subject == customer.value]
        if not any(scenario.present.get(each, True) for each in asked):
            return None

        def number(name: str) -> int | None:
            variable = _variable(customer, name)
            return nearest(scenario, variable, 0) if scenario.present.get(variable) else None

        return Customer(
            id=text_of(scenario, _variable(customer, "id")),
            tier=text_of(scenario, _variable(customer, "tier")),
            segments=scenario.listed(_variable(customer, "segments")),
            orders=number("orders"),
            points=number("points"),
            lifetime_spend=number("lifetime_spend"),
            attributes=self._attributes(scenario, customer),
        )

    def _attributes(self, scenario: Scenario, subject: Subject) -> dict[str, AttributeValue]:
        _, values = attributes_of(scenario, self._structure.rules.attributes, subject)
        return values

    def _shipments(self, scenario: Scenario) -> tuple[Shipment, ...]:
        """One shipment, when anything is known about shipments."""
        shipment = Subject.SHIPMENT
        methods, countries = (
            sorted(scenario.membership(_variable(Subject.CART, name))[0])
            for name in ("shipping_methods", "shipping_countries")
        )
        prices = [
            each
            for each in sorted(scenario.bounds)
            if (each.subject, each.name) in ((shipment.value, "price"), (Subject.CART.value, "shipping"))
        ]
        said = methods or countries or prices
        if not said and not any(each.subject == shipment.value for each in _variables(scenario)):
            return ()
        price = 5 * self._unit
        for each in prices:
            price = nearest(scenario, each, price)
        method = next(iter(methods), "") or text_of(scenario, _variable(shipment, "method"), "standard")
        pickup = scenario.flags.get(_variable(shipment, "pickup"), False)
        rate = Rate(
            method=method,
            price=price,
            carrier=text_of(scenario, _variable(shipment, "carrier")),
            speed=text_of(scenario, _variable(shipment, "speed")),
        )

        def address(name: str) -> str:
            return "" if pickup else text_of(scenario, _variable(shipment, name))

        return (
            Shipment(
                id=text_of(scenario, _variable(shipment, "id"), "parcel"),
                country="" if pickup else next(iter(countries), "") or address("country"),
                region=address("region"),
                postal_code=address("postal_code"),
                store=text_of(scenario, _variable(shipment, "store")),
                pickup=pickup or bool(text_of(scenario, _variable(shipment, "store"))),
                method=method,
                rates=(rate,),
            ),
        )


def _variable(subject: Subject, name: str) -> Variable:
    return Variable(subject.value, name)


def _variables(scenario: Scenario) -> list[Variable]:
    return sorted({*scenario.bounds, *scenario.texts, *scenario.members, *scenario.flags, *scenario.present})


def _segments(scenario: Scenario) -> list[int]:
    """Segments of the rule file whose figures the scenario bounds."""
    return sorted({each.group for each in scenario.bounds if each.group > DISCOUNTABLE})
