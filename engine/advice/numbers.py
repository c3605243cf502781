"""The numbers of rewards: what one is on a cart, and what it needs for a value or for its next step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from engine.advice.evaluation import Evaluate, compiled
from engine.advice.facts import LayerFacts, layer_reader
from engine.advice.requirements import Requirements, Shortfalls
from engine.pricing.reference.numbers import value_at
from engine.rules.checked_rewards import Choice, Fixed, ForEvery, Number, StepTable
from engine.rules.expressions import Constant, In

NextStep: TypeAlias = Callable[[LayerFacts], Shortfalls | None]
"""What is unmet of the next step of a number on a cart; None if there is no further step."""


def value_of(number: Number, currency: int) -> Evaluate[LayerFacts]:
    """Reads a number; None if it has no value."""
    if isinstance(number, Fixed):
        figure = number.values[currency]
        return lambda _: figure
    read = compiled(number.by, currency, layer_reader)
    return lambda facts: value_at(number, read(facts), currency)


def any_value(number: Number, requirements: Requirements) -> Shortfalls:
    """What keeps a number from having a value."""
    match number:
        case Fixed():
            return lambda _: []
        case StepTable(by=by, steps=steps):
            return requirements.at_least(by, steps[0].threshold)
        case Choice(by=by, cases=cases):
            return requirements.condition(In(by, tuple(Constant(by.type, case.key) for case in cases)))
        case ForEvery(by=by, every=every):
            return requirements.at_least(by, every)


def next_step(number: Number, requirements: Requirements) -> NextStep | None:
    """What keeps a number from its next step or its next ``every``; None for other numbers."""
    match number:
        case StepTable(by=by, steps=steps):
            unmet = [requirements.at_least(by, step.threshold) for step in steps]
            return lambda facts: next((each for each in unmet if each(facts)), None)
        case ForEvery():
            return _next_time(number, requirements)
    return None


def _next_time(number: ForEvery, requirements: Requirements) -> NextStep:
    currency = requirements.currency
    held = compiled(number.by, currency, layer_reader)
    every, up_to = number.every[currency], number.up_to[currency]

    def unmet(facts: LayerFacts) -> Shortfalls | None:
        fact = held(facts)
        if fact is None or every is None or value_at(number, fact, currency) == up_to:
            return None
        return requirements.at_least(number.by, (every * (max(fact, 0) // every + 1),) * len(number.every))

    return unmet
