"""Planning: checked rules become records in which every name is an index. The same rules give the same plan."""

from __future__ import annotations

from dataclasses import dataclass

from engine.money import exponent
from engine.pricing.coupons import fold
from engine.pricing.redemption import Limit
from engine.rules import artifact, checked
from engine.rules.artifact import UNBOUNDED_FUTURE, UNBOUNDED_PAST, Entry, Part, Transition, Window
from engine.rules.checked import CheckedRules, Policy, Selection
from engine.rules.checked_schedules import Schedule
from engine.rules.expression_plan import NONE, ExpressionPlanner, Pool, code
from engine.rules.labels import Labels
from engine.rules.reward_plan import RewardPlanner


@dataclass(frozen=True, slots=True)
class Plan:
    """The records of an artifact by section; a text is still a text."""

    rule_sets: tuple[artifact.RuleSet]
    texts: tuple[str, ...]
    currencies: tuple[artifact.Currency, ...]
    figures: tuple[artifact.Figure, ...]
    attributes: tuple[artifact.Attribute, ...]
    nodes: tuple[artifact.Node, ...]
    operands: tuple[int, ...]
    segments: tuple[artifact.Segment, ...]
    layers: tuple[artifact.Layer, ...]
    promotions: tuple[artifact.Promotion, ...]
    goods_rewards: tuple[artifact.GoodsReward, ...]
    shipping_rewards: tuple[artifact.ShippingReward, ...]
    gift_rewards: tuple[artifact.GiftReward, ...]
    points_rewards: tuple[artifact.PointsReward, ...]
    credit_rewards: tuple[artifact.CreditReward, ...]
    effect_rewards: tuple[artifact.EffectReward, ...]
    limits: tuple[artifact.Limits, ...]
    numbers: tuple[artifact.Number, ...]
    entries: tuple[Entry, ...]
    text_lists: tuple[int, ...]
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
        together = rules.grouped(Policy.TOGETHER)
        self._together = {each.name: index for index, each in enumerate(rules.groups) if each.name in together}
        self._nodes = ExpressionPlanner(len(rules.currencies))
        self._texts = self._nodes.texts
        self._rewards = RewardPlanner(self._nodes, rules.attributes)
        self._limits: Pool[artifact.Limits] = Pool()
        self._label_lists: Pool[int] = Pool()
        self._currency_sets: Pool[int] = Pool()
        self._schedules: Pool[artifact.Schedule] = Pool()
        self._windows: Pool[Window] = Pool()

    def plan(self) -> Plan:
        rules, nodes, rewards = self._rules, self._nodes, self._rewards
        # Attributes first: expressions ask for their slots. Segments last: expressions say which of them are read.
        attributes = tuple(map(self._attribute, rules.attributes))
        promotions = tuple(map(self._promotion, rules.promotions))
        filters = [NONE if each.filter is None else nodes.plan(each.filter) for each in rules.segments]
        return Plan(
            rule_sets=(self._rule_set(),),
            currencies=tuple(
                artifact.Currency(self._texts.add(each), 10 ** exponent(each)) for each in rules.currencies
            ),
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
            goods_rewards=tuple(rewards.goods.records),
            shipping_rewards=tuple(rewards.shipping.records),
            gift_rewards=tuple(rewards.gifts.records),
            points_rewards=tuple(rewards.points.records),
            credit_rewards=tuple(rewards.credits.records),
            effect_rewards=tuple(rewards.effects.records),
            limits=tuple(self._limits.records),
            numbers=tuple(rewards.numbers.records),
            entries=tuple(rewards.entries.records),
            text_lists=tuple(rewards.text_lists.records),
            parts=tuple(rewards.parts.records),
            labels=tuple(self._label_lists.records),
            strict=self._strict(),
            currency_sets=tuple(self._currency_sets.records),
            schedules=tuple(self._schedules.records),
            windows=tuple(self._windows.records),
        )

    def _rule_set(self) -> artifact.RuleSet:
        rules = self._rules
        return artifact.RuleSet(
            name=self._texts.add(rules.name),
            rounding=code(rules.rounding),
            leftover=code(rules.leftover),
            selects_globally=int(rules.selection is Selection.GLOBAL),
            case_sensitive=int(rules.coupons.case_sensitive),
            one_coupon=int(rules.coupons.one_per_cart),
            returns=code(rules.returns),
            reserved=0,
            search_nodes=rules.search_nodes,
            markup=NONE if rules.markup is None else rules.markup,
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
        places = {each.id: index for index, each in enumerate(self._rules.promotions)}
        return tuple(places[each.id] for each in self._rules.strict)

    def _promotion(self, promotion: checked.Promotion) -> artifact.Promotion:
        self._nodes.without_figure.clear()
        labels = self._labels.carried(promotion)
        exclusions = self._labels.excluded(promotion)
        condition = NONE if promotion.condition is None else self._nodes.plan(promotion.condition)
        family, reward = self._rewards.plan(promotion.reward)
        value = self._rewards.value(promotion.reward)
        limits = NONE if promotion.limits is None else self._limits.add(self._limited(promotion.limits))
        codes = dict.fromkeys(fold(each, self._rules.coupons.case_sensitive) for each in promotion.codes)
        first_code, code_count = self._rewards.text_list(codes)
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
            family=family,
            reward=reward,
            value=value,
            first_code=first_code,
            code_count=code_count,
            pool=self._texts.add(promotion.pool) if promotion.pool else NONE,
            limits=limits,
            together=self._together.get(promotion.group, NONE),
        )

    def _limited(self, limits: checked.RedemptionLimits) -> artifact.Limits:
        return artifact.Limits(
            total=_times(limits.total),
            per_customer=_times(limits.per_customer),
            per_code=_times(limits.per_code),
            total_period=_period(limits.total),
            customer_period=_period(limits.per_customer),
            code_period=_period(limits.per_code),
            budget=NONE if limits.budget is None else self._nodes.row(limits.budget),
            partial=int(limits.partial),
        )

    def _currency_set(self) -> int:
        """Row of the currencies in which every amount planned since the promotion began has a figure."""
        currencies = range(len(self._rules.currencies))
        usable = (int(index not in self._nodes.without_figure) for index in currencies)
        return self._currency_sets.add(*usable) // len(currencies)

    def _schedule(self, schedule: Schedule) -> int:
        """One open all day on every day has no windows: it changes only where it starts and ends."""
        windows = () if schedule.whole_week else tuple(Window(each.start, each.end) for each in schedule.windows)
        return self._schedules.add(
            artifact.Schedule(
                starts=UNBOUNDED_PAST if schedule.starts is None else schedule.starts,
                ends=UNBOUNDED_FUTURE if schedule.ends is None else schedule.ends,
                weekdays=schedule.weekdays,
                first_window=self._windows.add(*windows),
                window_count=len(windows),
            )
        )


def _times(limit: Limit | None) -> int:
    return NONE if limit is None else limit.times


def _period(limit: Limit | None) -> int:
    return NONE if limit is None or limit.period is None else code(limit.period)
