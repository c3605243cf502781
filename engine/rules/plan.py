"""Planning: checked rules become records in which every name is an index. The same rules give the same plan."""

from __future__ import annotations

from dataclasses import dataclass

from engine.rules import artifact, checked
from engine.rules.artifact import (
    UNBOUNDED_FUTURE,
    UNBOUNDED_PAST,
    Entry,
    NumberKind,
    Part,
    Selection,
    Transition,
    Window,
)
from engine.rules.checked import (
    CART,
    DISCOUNTABLE,
    BundleReward,
    BuyGetReward,
    CheckedRules,
    Choice,
    Exclusive,
    Fixed,
    GoodsReward,
    Per,
    Pick,
    ShippingReward,
    StepTable,
)
from engine.rules.expression_plan import ExpressionPlanner, Pool, code
from engine.rules.expressions import Type
from engine.rules.labels import Labels

NONE = -1
"""Index of what is not there."""

_ALL_DAY = ((0, 1440),)
_EVERY_DAY = 127


@dataclass(frozen=True, slots=True)
class Plan:
    """The records of an artifact by section; a text is still a text."""

    rule_set: artifact.RuleSet
    texts: tuple[str, ...]
    currencies: tuple[int, ...]
    figures: tuple[artifact.Figure, ...]
    attributes: tuple[artifact.Attribute, ...]
    nodes: tuple[artifact.Node, ...]
    operands: tuple[int, ...]
    segments: tuple[artifact.Segment, ...]
    layers: tuple[artifact.Layer, ...]
    promotions: tuple[artifact.Promotion, ...]
    numbers: tuple[artifact.Number, ...]
    entries: tuple[Entry, ...]
    methods: tuple[int, ...]
    parts: tuple[Part, ...]
    labels: tuple[int, ...]
    strict: tuple[int, ...]
    currency_sets: tuple[int, ...]
    schedules: tuple[artifact.Schedule, ...]
    windows: tuple[Window, ...]
    transitions: tuple[Transition, ...]


def plan(rules: CheckedRules) -> Plan:
    """The plan of a rule set."""
    return _Planner(rules).plan()


class _Planner:
    def __init__(self, rules: CheckedRules) -> None:
        self._rules = rules
        self._labels = Labels(rules)
        self._nodes = ExpressionPlanner(len(rules.currencies))
        self._texts = self._nodes.texts
        self._numbers: Pool[artifact.Number] = Pool()
        self._entries: Pool[Entry] = Pool()
        self._methods: Pool[int] = Pool()
        self._parts: Pool[Part] = Pool()
        self._label_lists: Pool[int] = Pool()
        self._currency_sets: Pool[int] = Pool()
        self._schedules: Pool[artifact.Schedule] = Pool()
        self._windows: Pool[Window] = Pool()

    def plan(self) -> Plan:
        rules, nodes = self._rules, self._nodes
        markup = NONE if rules.markup is None else rules.markup
        # Attributes first: expressions ask for their slots. Segments last: expressions say which of them are read.
        attributes = tuple(map(self._attribute, rules.attributes))
        promotions = tuple(map(self._promotion, rules.promotions))
        filters = [NONE if each.filter is None else nodes.plan(each.filter) for each in rules.segments]
        return Plan(
            rule_set=artifact.RuleSet(self._texts.add(rules.name), code(rules.rounding), markup),
            currencies=tuple(map(self._texts.add, rules.currencies)),
            attributes=attributes,
            segments=tuple(
                artifact.Segment(self._texts.add(segment.name), filters[index], int(index in nodes.read_segments))
                for index, segment in enumerate(rules.segments)
            ),
            layers=self._layers(),
            promotions=promotions,
            transitions=tuple(map(Transition, rules.zone.starts, rules.zone.offsets)),
            texts=tuple(self._texts.records),
            figures=tuple(nodes.figures.records),
            nodes=tuple(nodes.nodes.records),
            operands=tuple(nodes.operands.records),
            numbers=tuple(self._numbers.records),
            entries=tuple(self._entries.records),
            methods=tuple(self._methods.records),
            parts=tuple(self._parts.records),
            labels=tuple(self._label_lists.records),
            strict=self._strict(),
            currency_sets=tuple(self._currency_sets.records),
            schedules=tuple(self._schedules.records),
            windows=tuple(self._windows.records),
        )

    def _attribute(self, attribute: checked.Attribute) -> artifact.Attribute:
        slot = self._nodes.declare(attribute.subject, f"attributes.{attribute.name}", attribute.type)
        name = self._texts.add(attribute.name)
        return artifact.Attribute(code(attribute.subject), name, code(attribute.type), slot)

    def _layers(self) -> tuple[artifact.Layer, ...]:
        counts = [0] * len(self._rules.layers)
        for promotion in self._rules.promotions:
            counts[promotion.layer] += 1
        return tuple(
            artifact.Layer(
                name=self._texts.add(layer.name),
                kind=code(layer.kind),
                combine=code(layer.combine),
                percentages=code(layer.percentages),
                first_promotion=sum(counts[:index]),
                promotion_count=counts[index],
            )
            for index, layer in enumerate(self._rules.layers)
        )

    def _strict(self) -> tuple[int, ...]:
        promotions = enumerate(self._rules.promotions)
        strict = [(-each.priority, each.id, index) for index, each in promotions if each.exclusive is Exclusive.STRICT]
        return tuple(index for _, _, index in sorted(strict))

    def _promotion(self, promotion: checked.Promotion) -> artifact.Promotion:
        self._nodes.without_figure.clear()
        labels = self._labels.carried(promotion)
        exclusions = self._labels.excluded(promotion)
        condition = NONE if promotion.condition is None else self._nodes.plan(promotion.condition)
        number = self._number(promotion.reward.number)
        reward = self._reward(promotion.reward)
        return artifact.Promotion(
            id=self._texts.add(promotion.id),
            name=self._texts.add(promotion.name),
            condition=condition,
            schedule=NONE if promotion.schedule is None else self._schedule(promotion.schedule),
            currency_set=self._currency_set(),
            exclusive=NONE if promotion.exclusive is None else code(promotion.exclusive),
            first_label=self._label_lists.add(*labels),
            label_count=len(labels),
            first_exclusion=self._label_lists.add(*exclusions),
            exclusion_count=len(exclusions),
            reward=code(promotion.reward.kind),
            number=number,
            **reward,
        )

    def _reward(self, reward: checked.Reward) -> dict[str, int]:
        """The fields of a promotion that hang on the kind of its reward."""
        match reward:
            case GoodsReward(units=units):
                quantity, pick = (NONE, Pick.CHEAPEST) if units is None else (units.quantity, units.pick)
                parts = self._chosen(Selection.UNITS, pick, Part(reward.segment, quantity))
                up_to = NONE if reward.up_to is None else self._number(reward.up_to)
                return parts | {"per": code(reward.per), "up_to": up_to}
            case BuyGetReward():
                bought, got = Part(reward.buy, reward.buy_quantity), Part(reward.get, reward.get_quantity)
                parts = self._chosen(Selection.BUY_GET, reward.pick, bought, got)
                return parts | {"per": code(reward.per), "repeat": NONE if reward.repeat is None else reward.repeat}
            case BundleReward():
                filled = (Part(part.segment, part.quantity) for part in reward.parts)
                parts = self._chosen(Selection.BUNDLE, reward.pick, *filled)
                return parts | {"per": code(Per.ORDER), "repeat": NONE if reward.repeat is None else reward.repeat}
            case ShippingReward(methods=methods):
                first = self._methods.add(*map(self._texts.add, methods))
                return {"first_method": first, "method_count": len(methods)}

    def _chosen(self, selection: Selection, pick: Pick, *parts: Part) -> dict[str, int]:
        reached = (part._replace(segment=DISCOUNTABLE) if part.segment == CART else part for part in parts)
        return {
            "selection": selection,
            "pick": code(pick),
            "first_part": self._parts.add(*reached),
            "part_count": len(parts),
        }

    def _currency_set(self) -> int:
        """Row of the currencies in which every amount planned since the promotion began has a figure."""
        currencies = range(len(self._rules.currencies))
        usable = (int(index not in self._nodes.without_figure) for index in currencies)
        return self._currency_sets.add(*usable) // len(currencies)

    def _number(self, number: checked.Number) -> int:
        nodes = self._nodes
        match number:
            case Fixed(values=values):
                record = artifact.Number(NumberKind.FIXED, NONE, nodes.row(values), 0)
            case StepTable(by=by, steps=steps):
                rows = [Entry(nodes.row(step.threshold), nodes.row(step.value)) for step in steps]
                record = artifact.Number(NumberKind.STEPS, nodes.plan(by), self._entries.add(*rows), len(rows))
            case Choice(by=by, cases=cases):
                kind = NumberKind.CASES_BY_TEXT if by.type is Type.STRING else NumberKind.CASES_BY_NUMBER
                rows = [Entry(nodes.literal(case.key), nodes.row(case.value)) for case in cases]
                record = artifact.Number(kind, nodes.plan(by), self._entries.add(*rows), len(rows))
        return self._numbers.add(record)

    def _schedule(self, schedule: checked.Schedule) -> int:
        """One open all day on every day has no windows: it changes only where it starts and ends."""
        windows = tuple(Window(window.start, window.end) for window in schedule.windows)
        if schedule.weekdays == _EVERY_DAY and windows == _ALL_DAY:
            windows = ()
        return self._schedules.add(
            artifact.Schedule(
                starts=UNBOUNDED_PAST if schedule.starts is None else schedule.starts,
                ends=UNBOUNDED_FUTURE if schedule.ends is None else schedule.ends,
                weekdays=schedule.weekdays,
                first_window=self._windows.add(*windows),
                window_count=len(windows),
            )
        )
