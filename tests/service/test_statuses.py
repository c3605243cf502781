"""Errors as google.rpc.Status."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo

from engine import errors
from engine.errors import InvalidCart, LedgerClosed, Violation
from engine.rules import InvalidRules
from engine.service.statuses import STATUS_CODES, ending, status_of
from engine.store.connection import Connection
from engine.store.redemptions import Redemptions

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


def test_how_a_call_ends_is_named_by_its_error_as_its_status_is() -> None:
    assert ending(None) == ("OK", "")
    assert ending(KeyError) == ("INTERNAL", "INTERNAL")
    for error in (errors.CartUnknown, errors.StoreUnavailable, errors.RuleSetNotFound, errors.UnknownCurrency):
        status, info = status_of(error("")), ErrorInfo()
        assert status.details[0].Unpack(info)
        assert ending(error) == (Code.Name(status.code), info.reason)


def test_the_longest_name_of_a_rule_set_leaves_room_for_what_to_do(connection: Connection) -> None:
    name = "n" * 100
    with pytest.raises(LedgerClosed) as caught:
        Redemptions(connection, name).consult("k", b"", "c", ())
    assert status_of(caught.value).message == str(caught.value)
    assert f"run `cartwright redemptions open {name}` to count from here" in str(caught.value)


@pytest.mark.parametrize("character", ["a", "ä", "‰", "😀", "%"])
def test_a_status_fits_into_the_metadata_that_clients_accept(character: str) -> None:
    text = character * 1_000
    status = status_of(InvalidCart([Violation(f"lines[{index}].{text}", text) for index in range(1_000)]))
    sent = len(status.SerializeToString()) * 4 // 3 + len(quote(status.message))
    assert 5_000 < sent < 8_192 - 300  # the rest is for names of metadata, and what proxies add
    _, request = status.details
    listed = BadRequest.FromString(request.value).field_violations
    assert listed[0].description.startswith(character)
    assert (listed[-1].field, listed[-1].description) == ("request", "more violations are not listed")
