"""One kind of cart: what literals leave of every variable, and whether they leave anything at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import count, islice

from engine.lint.chains import contradict
from engine.lint.literals import Among, AtMost, Differs, Flag, Literal, Member, Opaque, Present, Tested, Variable
from engine.lint.texts import Texts
from engine.money import MAX_AMOUNT
from engine.pricing.validation import MAX_QUANTITY, MAX_WEIGHT
from engine.rules.expressions import Subject

_INT64 = 2**63
_ROUNDS = 40
_ITEM = {
    "price": (0, MAX_AMOUNT),
    "list_price": (0, MAX_AMOUNT),
    "cost": (0, MAX_AMOUNT),
    "minimum_price": (0, MAX_AMOUNT),
    "quantity": (1, MAX_QUANTITY),
    "weight": (0, MAX_WEIGHT),
}
_OTHER = dict.fromkeys(("subtotal", "merchandise", "shipping", "price", "lifetime_spend"), (0, MAX_AMOUNT)) | (
    dict.fromkeys(("quantity", "weight", "orders"), (0, _INT64 - 1)) | dict.fromkeys(("lines", "skus"), (0, 2_000))
)
_LISTS = dict.fromkeys(("coupons", "segments", "shipping_methods", "shipping_countries", "tags"), (0, _INT64 - 1))
_OTHER |= _LISTS
_ITEM |= _LISTS


@cache
def widest(variable: Variable) -> tuple[int, int]:
    """Bounds of a number that hold on every cart."""
    table = _ITEM if variable.subject == Subject.ITEM.value else _OTHER
    least, most = table.get(variable.name, (-_INT64, _INT64 - 1))
    if variable.subject == Subject.CART.value and variable.name in ("quantity", "lines", "skus"):
        return 1, most  # on a cart without lines nothing applies
    return least, most


@dataclass
class Scenario:
    """What is known about each variable; ``impossible`` is true only if no cart fits.

    ``members`` holds what a list must and must not contain; ``several`` is true if one of the sums is `several`.
    """

    bounds: dict[Variable, tuple[int, int]] = field(default_factory=dict)
    excluded: dict[Variable, frozenset[int]] = field(default_factory=dict)
    sums: dict[AtMost, None] = field(default_factory=dict)
    texts: dict[Variable, Texts] = field(default_factory=dict)
    members: dict[Variable, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    flags: dict[Variable, bool] = field(default_factory=dict)
    present: dict[Variable, bool] = field(default_factory=dict)
    several: bool = False
    impossible: bool = False

    @classmethod
    def of(cls, literals: Iterable[Literal]) -> Scenario:
        scenario = cls()
        scenario.add(literals)
        return scenario

    def bound(self, variable: Variable) -> tuple[int, int]:
        return self.bounds.get(variable) or widest(variable)

    def membership(self, variable: Variable) -> tuple[frozenset[str], frozenset[str]]:
        """What a list must contain, and what it must not."""
        return self.members.get(variable, (frozenset(), frozenset()))

    def listed(self, variable: Variable, others: Iterable[str] = ()) -> tuple[str, ...]:
        """The texts of a list: those that it must contain, and as many others as its length requires."""
        has, lacks = self.membership(variable)
        texts = list(dict.fromkeys((*sorted(has), *others)))
        missing = self.bound(variable)[0] - len(texts)
        fillers = (f"other-{number}" for number in count(1))
        return (*texts, *islice((each for each in fillers if each not in lacks and each not in texts), max(0, missing)))

    def with_literals(self, literals: Iterable[Literal]) -> Scenario:
        scenario = Scenario(
            self.bounds.copy(),
            self.excluded.copy(),
            self.sums.copy(),
            self.texts.copy(),
            self.members.copy(),
            self.flags.copy(),
            self.present.copy(),
            self.several,
            self.impossible,
        )
        scenario.add(literals)
        return scenario

    def add(self, literals: Iterable[Literal]) -> None:
        for literal in literals:
            self._add(literal)
        self._tighten()

    def _add(self, literal: Literal) -> None:
        match literal:
            case AtMost(terms=terms):
                for variable, _ in terms:
                    self._count(variable)
                self.sums[literal] = None
                self.several |= literal.several
            case Differs(variable=variable, value=value):
                self._count(variable)
                self.excluded[variable] = self.excluded.get(variable, frozenset()) | {value}
            case Among(variable=variable, values=values, holds=holds):
                known = self.texts.get(variable, Texts())
                self._set_texts(variable, known.among(values) if holds else known.none_of(values))
            case Tested(variable=variable, test=test, part=part, holds=holds):
                self._set_texts(variable, self.texts.get(variable, Texts()).tested(test, part, holds))
            case Member(variable=variable, text=text, holds=holds):
                has, lacks = self.membership(variable)
                has, lacks = (has | {text}, lacks) if holds else (has, lacks | {text})
                self.members[variable] = (has, lacks)
                self.impossible |= bool(has & lacks)
            case Flag(variable=variable, value=value):
                self._need(variable)
                self.impossible |= self.flags.setdefault(variable, value) is not value
            case Present(variable=variable, holds=holds):
                self.impossible |= self.present.setdefault(variable, holds) is not holds
            case Opaque():
                pass  # pricing decides

    def _count(self, variable: Variable) -> None:
        if variable not in self.bounds:
            self._need(variable)
            self.bounds[variable] = widest(variable)

    def _need(self, variable: Variable) -> None:
        """A fact that is compared must be present."""
        if variable.optional:
            self.impossible |= not self.present.setdefault(variable, True)

    def _set_texts(self, variable: Variable, texts: Texts) -> None:
        self._need(variable)
        self.texts[variable] = texts
        self.impossible |= texts.impossible

    def _tighten(self) -> None:
        """Narrow bounds until no sum narrows them further, or something cannot be.

        Once nothing is narrowed, one number against another holds where both are at their least.
        """
        for _ in range(_ROUNDS):
            if self.impossible:
                return
            if not (self._narrow_by_sums() | self._narrow_by_exclusions() | self._narrow_by_members()):
                if not self.several:
                    return
                break
        self.impossible |= contradict(self.sums)

    def _narrow_by_sums(self) -> bool:
        """Each number by what the sum leaves it where all others are at their least, which narrowing it never moves."""
        narrowed = False
        bounds = self.bounds
        for terms, bound in self.sums:
            left = bound
            for variable, factor in terms:
                left -= factor * bounds[variable][factor < 0]
            if left < 0:
                self.impossible = True
                return False
            for variable, factor in terms:
                low, high = bounds[variable]
                if factor * (high - low) > left:
                    bounds[variable] = low, low + left // factor
                    narrowed = True
                elif factor * (low - high) > left:
                    bounds[variable] = high - left // -factor, high
                    narrowed = True
        return narrowed

    def _narrow_by_members(self) -> bool:
        narrowed = False
        for variable, (has, _) in self.members.items():
            low, high = self.bound(variable)
            if variable in self.bounds and low < len(has):
                self.bounds[variable] = (len(has), high)
                self.impossible |= len(has) > high
                narrowed = True
        return narrowed

    def _narrow_by_exclusions(self) -> bool:
        narrowed = False
        for variable, values in self.excluded.items():
            low, high = self.bound(variable)
            while low in values:
                low += 1
            while high in values:
                high -= 1
            if (low, high) != self.bound(variable):
                self.bounds[variable] = (low, high)
                narrowed = True
            self.impossible |= low > high
        return narrowed
