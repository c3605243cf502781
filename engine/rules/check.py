"""A rule set as written becomes checked rules: every name resolved, every type checked, every amount exact."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from operator import itemgetter

from engine.money import Rounding
from engine.pricing.redemption import Returns
from engine.rules import model
from engine.rules.amounts import Amounts, resolve_currencies
from engine.rules.checked import (
    SEARCH_NODES,
    Attribute,
    CheckedRules,
    Combine,
    Coupons,
    Group,
    Layer,
    LayerKind,
    Leftover,
    Percentages,
    Policy,
    Promotion,
    Segment,
    Selection,
)
from engine.rules.checked_rewards import PointsKind, PointsReward
from engine.rules.compatibility import Compatibility
from engine.rules.conditions.environment import RESERVED_NAMES, Environment, Scope
from engine.rules.conditions.shared import Conditions
from engine.rules.conditions.syntax import KEYWORDS
from engine.rules.examples import Examples
from engine.rules.expressions import PerCurrency, Subject, Type
from engine.rules.issues import Issues
from engine.rules.nodes import Scalar
from engine.rules.promotions import Promotions
from engine.rules.redemption import Redemption
from engine.rules.rewards import Rewards
from engine.rules.suggestions.names import valid_names
from engine.rules.zones import UTC_ZONE, resolve_zone

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
NAME_WANTED = "up to 100 letters, digits, `_`, `-` and `.`, as in spend-50-get-5"
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_WORD_WANTED = "up to 100 letters, digits and `_`, not beginning with a digit, so that conditions can use it"

_DEFAULT_LAYERS = tuple(
    Layer(name, kind, Combine.ALL, Percentages.ADDITIVE)
    for name, kind in (
        ("item", LayerKind.GOODS),
        ("order", LayerKind.GOODS),
        ("shipping", LayerKind.SHIPPING),
        ("points", LayerKind.POINTS),
    )
)
_ATTRIBUTE_TYPES = {"string": Type.STRING, "int": Type.INT, "bool": Type.BOOL}


def check(rules: model.RuleSet, issues: Issues) -> CheckedRules | None:
    """The checked rules, or None when there are issues."""
    _check_names([rules.ruleset], NAME, NAME_WANTED, issues)
    zone = UTC_ZONE if rules.timezone is None else resolve_zone(rules.timezone, issues)
    currencies = resolve_currencies(rules.currencies, issues)
    if not currencies:
        return None
    amounts = _amounts(rules, currencies, issues)
    layers = _layers(rules, issues)
    environment = Environment(
        currencies,
        amounts,
        ("cart", "discountable", *_segment_names(rules, issues)),
        _attributes(rules, issues),
        _unread(rules),
    )
    conditions = Conditions(environment, issues)
    segments = _segments(rules, environment, conditions)
    reader = Amounts(currencies, amounts, issues)
    rewards = Rewards(segments, environment, conditions, reader, issues)
    coupons = _coupons(rules.coupons)
    redemption = Redemption(coupons, reader, issues)
    unread = "layers" in model.unread(rules) or None in (rules.layers or ())
    promotions = Promotions(layers, unread, conditions, rewards, Compatibility(rules, issues), redemption, zone, issues)
    _check_ids(rules, issues)
    resolved = [
        promotions.resolve(id, written)
        for id, written in rules.promotions.items()
        if written is not None and not issues.more
    ]
    examples = Examples(rules, environment, zone, issues)
    resolved_examples = [examples.resolve(each) for each in rules.examples if each is not None and not issues.more]
    if issues:
        return None
    groups = [Group(name.text, Policy(written.policy)) for name, written in rules.groups.items() if written is not None]
    together = {group.name for group in groups if group.policy is Policy.TOGETHER}
    return CheckedRules(
        name=rules.ruleset.text,
        currencies=currencies,
        zone=zone,
        rounding=Rounding(rules.rounding),
        markup=None if rules.floor is None else rules.floor.markup_percent,
        attributes=environment.attributes,
        segments=segments,
        layers=layers,
        promotions=_in_order_of_granting(filter(None, resolved), together),
        groups=tuple(groups),
        examples=tuple(filter(None, resolved_examples)),
        selection=Selection(rules.selection),
        search_nodes=SEARCH_NODES if rules.search is None else rules.search.nodes,
        leftover=Leftover(rules.leftover),
        coupons=coupons,
        returns=Returns(rules.returns),
        amounts=tuple(amounts.items()),
    )


def _in_order_of_granting(promotions: Iterable[Promotion], together: Container[str]) -> tuple[Promotion, ...]:
    """Those of a layer that are granted together, as their groups say, follow the first of them."""
    ordered = sorted(promotions, key=_order_of_granting)
    firsts: dict[tuple[int, str], int] = {}
    places = [
        firsts.setdefault((each.layer, each.group), place) if each.group in together else place
        for place, each in enumerate(ordered)
    ]
    return tuple(each for _, each in sorted(zip(places, ordered, strict=True), key=itemgetter(0)))


def _order_of_granting(promotion: Promotion) -> tuple[int, bool, int, str]:
    """Multipliers go last: they read what the other promotions of their layer gave."""
    reward = promotion.reward
    multiplier = isinstance(reward, PointsReward) and reward.kind is PointsKind.MULTIPLIER
    return promotion.layer, multiplier, -promotion.priority, promotion.id


def _coupons(written: model.Coupons | None) -> Coupons:
    return Coupons() if written is None else Coupons(written.case_sensitive, written.per_cart == "one")


def _check_names(names: Iterable[Scalar], pattern: re.Pattern[str], wanted: str, issues: Issues) -> None:
    for name in names:
        if not pattern.fullmatch(name):
            issues.invalid_name(name.place, name, wanted, next(filter(pattern.fullmatch, valid_names(name)), ""))


def _check_ids(rules: model.RuleSet, issues: Issues) -> None:
    """Names of promotions, of their pools, groups and tags."""
    promotions = [each for each in rules.promotions.values() if each is not None]
    tags = [tag for each in promotions for tag in each.tags]
    pools = [each.coupon.pool for each in promotions if each.coupon is not None and each.coupon.pool is not None]
    _check_names([*rules.promotions, *rules.groups, *tags, *pools], NAME, NAME_WANTED, issues)


def _check_words(names: Iterable[Scalar], reserved: frozenset[str], issues: Issues) -> None:
    """Names that conditions can use."""
    for name in names:
        if name in reserved:
            issues.name_taken(name.place, name, "the condition language")
    _check_names(names, _WORD, _WORD_WANTED, issues)


def _amounts(rules: model.RuleSet, currencies: tuple[str, ...], issues: Issues) -> Mapping[str, PerCurrency]:
    _check_words(rules.amounts, RESERVED_NAMES, issues)
    reader = Amounts(currencies, {}, issues)
    return {
        name.text: reader.same(None) if written is None else reader.read(written)
        for name, written in rules.amounts.items()
    }


def _segment_names(rules: model.RuleSet, issues: Issues) -> tuple[str, ...]:
    _check_words(rules.segments, RESERVED_NAMES, issues)
    for name in rules.segments:
        if name in rules.amounts:
            issues.name_taken(name.place, name, "an amount")
    return tuple(name.text for name in rules.segments)


def _segments(rules: model.RuleSet, environment: Environment, conditions: Conditions) -> tuple[Segment, ...]:
    filters = [
        None if written is None else conditions.resolve(written, Scope.ITEM, Type.BOOL)
        for written in rules.segments.values()
    ]
    texts = ["" if written is None else written.text for written in rules.segments.values()]
    return tuple(map(Segment, environment.segments, (None, None, *filters), ("", "", *texts)))


def _attributes(rules: model.RuleSet, issues: Issues) -> tuple[Attribute, ...]:
    if rules.attributes is None:
        return ()
    declared = (
        (Subject.ITEM, rules.attributes.item),
        (Subject.CUSTOMER, rules.attributes.customer),
        (Subject.CART, rules.attributes.cart),
    )
    for _, types in declared:
        _check_words(types, KEYWORDS, issues)
    return tuple(
        Attribute(subject, name.text, _ATTRIBUTE_TYPES[type])
        for subject, types in declared
        for name, type in types.items()
    )


def _unread(rules: model.RuleSet) -> frozenset[Subject]:
    """Segments, and the subjects of attributes, if their declarations could not be read."""
    sections = model.unread(rules)
    segments = {Subject.SEGMENT} if "segments" in sections else set()
    if "attributes" in sections:
        return frozenset({Subject.ITEM, Subject.CUSTOMER, Subject.CART} | segments)
    unread = set() if rules.attributes is None else model.unread(rules.attributes)
    return frozenset({subject for subject in Subject if subject.value in unread} | segments)


def _layers(rules: model.RuleSet, issues: Issues) -> tuple[Layer, ...]:
    if rules.layers is None:
        return _DEFAULT_LAYERS
    layers: dict[str, Layer] = {}
    for layer in filter(None, rules.layers):
        _check_names([layer.name], NAME, NAME_WANTED, issues)
        if layer.name in layers:
            issues.name_taken(layer.name.place, layer.name, "another layer")
        if layer.combine == Combine.BEST_PER_LINE.value:
            if layer.kind == LayerKind.POINTS.value:
                issues.not_per_line(layer.place("kind"), f"kind: {layer.kind}")
            if rules.selection == Selection.GLOBAL.value:
                issues.not_per_line(layer.place("combine"), "selection: global")
        layers[layer.name.text] = Layer(
            layer.name.text, LayerKind(layer.kind), Combine(layer.combine), Percentages(layer.percentages)
        )
    return tuple(layers.values())
