"""Errors as google.rpc.Status."""

from __future__ import annotations

from engine import errors
from engine.rules import InvalidRules
from engine.service.statuses import STATUS_CODES

BEFORE_OR_BESIDE_CALLS = {
    errors.CallFailed,  # by clients
    errors.DuplicateRuleSet,
    errors.InvalidAmount,
    errors.InvalidCatalogue,
    errors.InvalidCodeKey,
    errors.InvalidCodes,
    errors.InvalidPattern,
    errors.PoolMissing,
    errors.UnknownCurrency,
    errors.UnsuitableRedis,
}
"""Errors that no call ends with: raised at start, by clients and commands, or handled where they are raised."""


def test_each_error_has_a_status_or_ends_no_call() -> None:
    found = {
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.CartwrightError)
    }
    assert set(STATUS_CODES) | BEFORE_OR_BESIDE_CALLS | {errors.CartwrightError} == found | {InvalidRules}
    assert not set(STATUS_CODES) & BEFORE_OR_BESIDE_CALLS
