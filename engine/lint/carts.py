"""From a scenario to a cart: lines are chosen, then repaired until every figure is within its bounds.

Figures are those before any discount, less what an earlier try was found to lose to discounts on the way to a layer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.lint.items import WEIGHT, Draft, nearest, text_of
from engine.lint.literals import AtMost, TooComplex, Variable
from engine.lint.needs import Demand
from engine.lint.scenarios import Scenario, widest
from engine.lint.structure import Structure, group_of
from engine.money import exponent
from engine.pricing.cart import AttributeValue, Cart, Customer, Line, Rate, Shipment
from engine.pricing.reference.conditions import holds
from engine.pricing.reference.facts import item_facts
from engine.rules.checked import CART, DISCOUNTABLE
from engine.rules.expressions import Subject, Type

_REPAIRS = 80
_MOST_LINES = 60
_ORDER = ("lines", "skus", "quantity", "merchandise", "subtotal", "weight")
"""In which figures are repaired."""
Losses = Mapping[Variable, int]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a cart is besides its lines: moment (seconds), codes; and the price of a unit that nothing is said of."""

    at: int
    codes: tuple[str, ...] = ()
    price: int | None = None


class Carts:
    """Builds carts of one rule set in one currency, the same ones every time."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._unit = 10 ** exponent(structure.currency_code)

    def build(
        self, scenario: Scenario, demands: Sequence[Demand], occasion: Occasion, losses: Losses
    ) -> Iterator[tuple[int, Cart]]:
        """Carts that are as the scenario says, each with the number of its layout, the simplest first."""
        for number, drafts in enumerate(self._layouts(scenario, demands, occasion)):
            lines = _Repair(self._structure, scenario, losses, drafts).lines()
            if lines is not None:
                yield number, self._cart(scenario, occasion, lines)

    def _layouts(self, scenario: Scenario, demands: Sequence[Demand], occasion: Occasion) -> Iterator[list[Draft]]:
        """Lines to start from: sharing segments where they can, then one for each; both also with one in no segment."""
        wanted = [Demand((each,)) for each in self._wanted(scenario)]
        outside = [each for each in _segments(scenario) if self._none_of(scenario, each)]
        for shared in (True, False):
            merged = self._merged([*demands, *wanted], outside, shared)
            drafts = [self._draft(item, occasion, scenario, number) for number, item in enumerate(merged, 1)]
            yield drafts
            others = [each for each in _segments(scenario) if each not in outside]
            filler = self._first([], [*outside, *others], [])
            if filler is not None:
                yield [*drafts, self._draft(filler, occasion, scenario, len(drafts) + 1)]

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
        if not chosen:
            item = self._first([], [*outside], [])
            return [] if item is None else [item]
        return [item for _, item in chosen]

    def _item(self, demands: Iterable[Demand], outside: list[int]) -> Scenario | None:
        demands = list(demands)
        inside = list(dict.fromkeys(segment for each in demands for segment in each.segments))
        return self._first(inside, outside, [each for each in demands if each.item is not None])

    def _first(self, inside: list[int], outside: list[int], demands: list[Demand]) -> Scenario | None:
        conditions = [each.item for each in demands if each.item is not None]
        try:
            return next(self._structure.item_scenarios(inside, outside, conditions), None)
        except TooComplex:
            return None

    def _draft(self, item: Scenario, occasion: Occasion, scenario: Scenario, number: int) -> Draft:
        draft = Draft(item, 1, 0, number)
        low, high = draft.bound("price")
        draft.price = min(max(10 * self._unit if occasion.price is None else occasion.price, low), high)
        draft.quantity = max(1, draft.bound("quantity")[0])
        if any(each.name == "weight" for each in scenario.bounds):
            low, high = draft.bound("weight")
            draft.weight = min(max(WEIGHT, low), high)
        return draft

    def _cart(self, scenario: Scenario, occasion: Occasion, lines: Sequence[Line]) -> Cart:
        cart = Subject.CART
        coupons, _ = scenario.members.get(_variable(cart, "coupons"), (frozenset[str](), frozenset[str]()))
        return Cart(
            id="witness",
            rule_set=self._structure.rules.name,
            currency=self._structure.currency_code,
            at=occasion.at * 10**9,
            lines=tuple(lines),
            shipments=self._shipments(scenario),
            customer=self._customer(scenario),
            channel=text_of(scenario, _variable(cart, "channel")),
            payment_method=text_of(scenario, _variable(cart, "payment_method")),
            coupons=tuple(dict.fromkeys((*sorted(coupons), *occasion.codes))),
            attributes=self._attributes(scenario, cart),
        )

    def _customer(self, scenario: Scenario) -> Customer | None:
        customer = Subject.CUSTOMER
        asked = [each for each in _variables(scenario) if each.subject == customer.value]
        if not any(scenario.present.get(each, True) for each in asked):
            return None
        segments, _ = scenario.members.get(_variable(customer, "segments"), (frozenset[str](), frozenset[str]()))

        def number(name: str) -> int | None:
            variable = _variable(customer, name)
            return nearest(scenario, variable, 0) if scenario.present.get(variable) else None

        return Customer(
            id=text_of(scenario, _variable(customer, "id")),
            tier=text_of(scenario, _variable(customer, "tier")),
            segments=tuple(sorted(segments)),
            orders=number("orders"),
            points=number("points"),
            lifetime_spend=number("lifetime_spend"),
            attributes=self._attributes(scenario, customer),
        )

    def _attributes(self, scenario: Scenario, subject: Subject) -> dict[str, AttributeValue]:
        values: dict[str, AttributeValue] = {}
        for attribute in self._structure.rules.attributes:
            variable = _variable(subject, f"attributes.{attribute.name}")
            if attribute.subject is not subject or not scenario.present.get(variable):
                continue
            match attribute.type:
                case Type.STRING:
                    values[attribute.name] = text_of(scenario, variable, "other")
                case Type.INT:
                    values[attribute.name] = nearest(scenario, variable, 0)
                case _:
                    values[attribute.name] = scenario.flags.get(variable, True)
        return values

    def _shipments(self, scenario: Scenario) -> tuple[Shipment, ...]:
        """One shipment, when something is said of any."""
        shipment = Subject.SHIPMENT
        methods, _ = scenario.members.get(
            _variable(Subject.CART, "shipping_methods"), (frozenset[str](), frozenset[str]())
        )
        prices = [
            each
            for each in sorted(scenario.bounds)
            if (each.subject, each.name) in ((shipment.value, "price"), (Subject.CART.value, "shipping"))
        ]
        if not methods and not prices and not any(each.subject == shipment.value for each in _variables(scenario)):
            return ()
        price = 5 * self._unit
        for each in prices:
            price = nearest(scenario, each, price)
        method = next(iter(sorted(methods)), "") or text_of(scenario, _variable(shipment, "method"), "standard")
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
                country=address("country"),
                region=address("region"),
                postal_code=address("postal_code"),
                store=text_of(scenario, _variable(shipment, "store")),
                pickup=pickup or bool(text_of(scenario, _variable(shipment, "store"))),
                method=method,
                rates=(rate,),
            ),
        )


class _Repair:
    """Changes drafts until the figures that they come to are within the bounds of a scenario."""

    def __init__(self, structure: Structure, scenario: Scenario, losses: Losses, drafts: list[Draft]) -> None:
        self._structure = structure
        self._scenario = scenario
        self._losses = losses
        self._drafts = drafts
        self._lines: list[Line] = []
        self._members: dict[int, list[int]] = {}

    def lines(self) -> list[Line] | None:
        """None when it does not come out."""
        for _ in range(_REPAIRS):
            if not self._draw():
                return None
            fault = self._fault()
            if fault is None:
                return self._lines
            if len(self._drafts) >= _MOST_LINES or not self._mend(*fault):
                return None
        return None

    def _draw(self) -> bool:
        lines = [draft.line() for draft in self._drafts]
        if None in lines or not lines:
            return False
        self._lines = [each for each in lines if each is not None]
        self._members = {}
        return True

    def _in(self, group: int) -> list[int]:
        """Indices of the lines in a group."""
        if group not in self._members:
            filter = self._structure.rules.segments[group].filter
            self._members[group] = [
                index
                for index, line in enumerate(self._lines)
                if group == CART or (line.discountable and holds(filter, item_facts(line), self._structure.currency))
            ]
        return self._members[group]

    def _value(self, variable: Variable) -> int:
        group = group_of(variable)
        if group is None:
            return nearest(self._scenario, variable, 0)
        lines = [self._lines[index] for index in self._in(group)]
        match variable.name:
            case "quantity":
                return sum(line.quantity for line in lines)
            case "lines":
                return len(lines)
            case "skus":
                return len({line.sku for line in lines})
            case "weight":
                return sum((line.weight or 0) * line.quantity for line in lines)
        return sum(line.quantity * line.price for line in lines) - self._losses.get(variable, 0)

    def _fault(self) -> tuple[Variable, int] | None:
        """A variable that is out of bounds and what is missing of it (negative: too much)."""
        counted = [each for each in sorted(self._scenario.bounds) if group_of(each) is not None]
        for variable in sorted(counted, key=lambda each: _ORDER.index(each.name)):
            low, high = self._scenario.bound(variable)
            value = self._value(variable)
            if value < low:
                return variable, low - value
            if value > high:
                return variable, high - value
            if value in self._scenario.excluded.get(variable, ()):
                return variable, 1
        return next(filter(None, map(self._fault_of_sum, self._scenario.sums)), None)

    def _fault_of_sum(self, sum_: AtMost) -> tuple[Variable, int] | None:
        excess = sum(factor * self._value(variable) for variable, factor in sum_.terms) - sum_.bound
        if excess <= 0 or len(sum_.terms) < 2:
            return None
        counted = [each for each in sum_.terms if group_of(each[0]) is not None]
        for variable, factor in counted:
            if factor < 0 and self._value(variable) < self._scenario.bound(variable)[1]:
                return variable, -(-excess // -factor)
        for variable, factor in counted:
            if factor > 0:
                return variable, -excess // factor
        return None

    def _mend(self, variable: Variable, missing: int) -> bool:
        group = group_of(variable)
        assert group is not None
        indices = self._in(group)
        if not indices:
            return False
        if variable.name in ("lines", "skus"):
            return missing > 0 and self._duplicate(indices, other_sku=variable.name == "skus")
        if variable.name == "quantity":
            return self._change(indices, "quantity", missing)
        if variable.name == "weight":
            return self._change(indices, "weight", missing)
        exact = self._scenario.bound(variable)
        if self._split(indices, exact[1] - exact[0]):
            return True
        if self._change(indices, "price", missing):
            return True
        if missing < 0:
            return self._change(indices, "quantity", -1)
        units = -(-missing // max(1, self._drafts[indices[0]].price))
        return self._change(indices, "quantity", units) or self._duplicate(indices, False)

    def _split(self, indices: list[int], room: int) -> bool:
        """Where a sum must come out more exactly than units of one price do, one unit goes on a line of its own."""
        if any(self._drafts[index].quantity == 1 for index in indices):
            return False
        index = indices[0]
        draft = self._drafts[index]
        if draft.quantity - 1 <= room or draft.bound("quantity")[0] > 1:
            return False
        draft.quantity -= 1
        return self._duplicate([index], other_sku=False)

    def _duplicate(self, indices: list[int], other_sku: bool) -> bool:
        another = self._drafts[indices[0]].another(len(self._drafts) + 1, other_sku)
        if another is not None:
            self._drafts.append(another)
        return another is not None

    def _change(self, indices: list[int], name: str, missing: int) -> bool:
        """Add to (or take from) a number of one line, the one in whose other groups it does least harm."""
        limited = [
            group
            for variable in self._scenario.bounds
            if (group := group_of(variable)) is not None
            and self._scenario.bound(variable)[missing > 0] != widest(variable)[missing > 0]
        ]
        for index in sorted(indices, key=lambda each: (sum(each in self._in(group) for group in limited), each)):
            draft = self._drafts[index]
            units = 1 if name == "quantity" else draft.quantity
            change = -(-abs(missing) // units) * (1 if missing > 0 else -1)
            current = getattr(draft, name) or 0
            low, high = draft.bound(name)
            wanted = min(max(current + change, low), high)
            if wanted != current:
                setattr(draft, name, wanted)
                return True
        return False


def _variable(subject: Subject, name: str) -> Variable:
    return Variable(subject.value, name)


def _variables(scenario: Scenario) -> list[Variable]:
    return sorted({*scenario.bounds, *scenario.texts, *scenario.members, *scenario.flags, *scenario.present})


def _segments(scenario: Scenario) -> list[int]:
    """Segments of the rule file that the scenario counts."""
    return sorted({each.group for each in scenario.bounds if each.group > DISCOUNTABLE})
