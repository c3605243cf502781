"""Checked rules in the terms of rule files: each part of a rule set as short texts that can be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeAlias

from engine.pricing.redemption import Limit
from engine.rules.checked import CheckedRules, Promotion, RedemptionLimits
from engine.rules.checked_schedules import ALL_DAY, Schedule, Window, Zone
from engine.rules.expressions import PerCurrency
from engine.rules.figures import money, percent
from engine.rules.model import WEEKDAYS
from engine.rules.reward_description import RewardDescription

Fact: TypeAlias = str | tuple[str, ...]
"""A text, or a list whose entries are compared one by one."""
Facts: TypeAlias = dict[str, Fact]
"""By the key of the rule file; keys with their default are left out."""

KINDS = ("rule set", "attribute", "amount", "segment", "layer", "group", "promotion")
"""Kinds of named things in a rule set, in the order of output."""


def describe(rules: CheckedRules) -> dict[tuple[str, str], Facts]:
    """The description of each named thing, by its kind and name. Examples, which price nothing, are left out."""
    described: dict[tuple[str, str], Facts] = {("rule set", rules.name): _options(rules)}
    for attribute in rules.attributes:
        name = f"{attribute.subject.value}.attributes.{attribute.name}"
        described["attribute", name] = {"type": attribute.type.value}
    for amount, figures in rules.amounts:
        described["amount", amount] = {"amount": money(rules.currencies)(figures)}
    for segment in rules.segments:
        if segment.filter is not None:
            described["segment", segment.name] = {"filter": _on_one_line(segment.text)}
    for layer in rules.layers:
        described["layer", layer.name] = {
            "kind": layer.kind.value,
            "combine": layer.combine.value,
            "percentages": layer.percentages.value,
        }
    for group in rules.groups:
        described["group", group.name] = {"policy": group.policy.value}
    rewards = RewardDescription(rules, money(rules.currencies))
    for promotion in rules.promotions:
        facts = {**dict(_promotion(promotion, rules)), **dict(rewards.facts(promotion.reward))}
        described["promotion", promotion.id] = {part: fact for part, fact in facts.items() if fact}
    return described


def _options(rules: CheckedRules) -> Facts:
    coupons = rules.coupons
    return {
        "currencies": ", ".join(rules.currencies),
        "timezone": rules.zone.name,
        "rounding": rules.rounding.value,
        "selection": rules.selection.value,
        "search.nodes": str(rules.search_nodes),
        "leftover": rules.leftover.value,
        "floor.markup_percent": "" if rules.markup is None else percent(rules.markup),
        "coupons.case_sensitive": "true" if coupons.case_sensitive else "false",
        "coupons.per_cart": "one" if coupons.one_per_cart else "several",
        "returns": rules.returns.value,
        "layers": ", ".join(layer.name for layer in rules.layers),
    }


def _promotion(promotion: Promotion, rules: CheckedRules) -> Iterator[tuple[str, Fact]]:
    yield "name", promotion.name if promotion.name != promotion.id else ""
    yield "layer", rules.layers[promotion.layer].name
    yield "priority", str(promotion.priority or "")
    yield "when", _on_one_line(promotion.condition_text)
    if promotion.schedule is not None:
        yield from _schedule(promotion.schedule, rules.zone)
    yield "codes", promotion.codes
    yield "pool", promotion.pool
    if promotion.limits is not None:
        yield from _limits(promotion.limits, money(rules.currencies))
    yield "group", promotion.group
    yield "tags", promotion.tags
    yield "excludes", tuple(map(str, promotion.excludes))
    yield "exclusive", "" if promotion.exclusive is None else promotion.exclusive.value


def _schedule(schedule: Schedule, zone: Zone) -> Iterator[tuple[str, Fact]]:
    yield "schedule.from", "" if schedule.starts is None else _date(zone.local(schedule.starts))
    yield "schedule.until", "" if schedule.ends is None else until_text(zone.local(schedule.ends))
    weekdays = [day for bit, day in enumerate(WEEKDAYS) if schedule.weekdays >> bit & 1]
    yield "schedule.weekdays", "" if len(weekdays) == len(WEEKDAYS) else ", ".join(weekdays)
    yield "schedule.hours", "" if schedule.windows == (ALL_DAY,) else hours_text(schedule.windows)


def _date(local: datetime) -> str:
    """As a rule file writes it: a bare date at midnight."""
    return f"{local:%Y-%m-%d}" if _is_midnight(local) else f"{local:%Y-%m-%dT%H:%M}"


def until_text(local: datetime) -> str:
    """The end of a schedule as a rule file writes it: a bare date counts through its last moment."""
    return _date(local - timedelta(days=1)) if _is_midnight(local) else _date(local)


def hours_text(windows: tuple[Window, ...]) -> str:
    return ", ".join(map(str, windows))


def _is_midnight(local: datetime) -> bool:
    return (local.hour, local.minute, local.second) == (0, 0, 0)


def _limits(limits: RedemptionLimits, money: Callable[[PerCurrency], str]) -> Iterator[tuple[str, Fact]]:
    yield "limits.total", _times(limits.total)
    yield "limits.per_customer", _times(limits.per_customer)
    yield "limits.per_code", _times(limits.per_code)
    yield "limits.budget", "" if limits.budget is None else money(limits.budget)
    yield "limits.partial", "true" if limits.partial else ""


def _times(limit: Limit | None) -> str:
    if limit is None:
        return ""
    return f"{limit.times}" if limit.period is None else f"{limit.times} per {limit.period.value}"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
