"""Cart sessions over a real port: revisions, what is held, what is refused."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random
from re import escape
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_status import rpc_status

from engine.errors import InvalidCart, RevisionMismatch
from engine.pricing.cart import UNPRICED, Cart
from engine.pricing.mutations import SetQuantity, apply
from engine.rules import load_text
from engine.service import ENGINE_TIME, SERVICE
from engine.service.messages import cart_to_message, mutation_to_message, patched, quote_bytes
from engine.service.pricer import Pricer
from engine.service.requests import cart_head
from engine.service.rule_set import ServedRuleSet
from engine.service.server import Server
from engine.service.sessions import CartSessions
from engine.v1 import cart_pb2, mutation_pb2
from engine.v1.mutation_pb2 import Mutation
from engine.v1.pricing_pb2 import MutateCartRequest, MutateCartResponse
from engine.v1.pricing_pb2_grpc import PricingServiceStub
from tests.random_mutations import random_mutations
from tests.serving import CART, NOON, fault, spring
from tests.strategies import random_cases


@pytest.fixture
def stub(address: str) -> Iterator[PricingServiceStub]:
    with grpc.insecure_channel(address) as channel:
        yield PricingServiceStub(channel)


def whole(cart: Cart, revision: int, *mutations: Mutation, **others: Any) -> MutateCartRequest:
    message = cart_to_message(cart)
    return MutateCartRequest(cart_id=cart.id, revision=revision, cart=message, mutations=mutations, **others)


def step(cart: Cart, revision: int, *mutations: Mutation, **others: Any) -> MutateCartRequest:
    return MutateCartRequest(cart_id=cart.id, revision=revision, mutations=mutations, **others)


def quantity(line_id: str, quantity: int) -> Mutation:
    return Mutation(set_quantity=mutation_pb2.SetQuantity(line_id=line_id, quantity=quantity))


def refused(call: Callable[[], object]) -> tuple[grpc.StatusCode, str, dict[str, str]]:
    """Status, reason and violations."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value.code(), *fault(rpc_status.from_call(caught.value).details)


def test_a_cart_changes_step_by_step(stub: PricingServiceStub) -> None:
    opened = stub.MutateCart(whole(CART, 7))
    assert (opened.revision, opened.quote.total) == (7, 9_900)
    changed = stub.MutateCart(step(CART, 7, quantity("a", 1)))
    assert (changed.revision, changed.quote.total) == (8, 5_400)
    twice = stub.MutateCart(step(CART, 8, quantity("a", 3), Mutation(remove_line="b")))
    assert (twice.revision, twice.quote.total) == (9, 13_500)
    again = stub.MutateCart(step(CART, 9))
    assert (again.revision, again.quote) == (9, twice.quote)


def test_a_cart_and_its_mutations_go_in_one_call(stub: PricingServiceStub) -> None:
    answer = stub.MutateCart(whole(CART, 7, quantity("a", 1)))
    assert (answer.revision, answer.quote.total) == (8, 5_400)


def test_the_engine_says_how_long_it_took(stub: PricingServiceStub) -> None:
    _, call = stub.MutateCart.with_call(whole(CART, 0), metadata=((ENGINE_TIME, ""),))
    assert 0 < int(dict(call.trailing_metadata())[ENGINE_TIME]) < 10**9


def test_a_cart_that_is_not_held_must_be_sent_whole(stub: PricingServiceStub) -> None:
    unknown = replace(CART, id="nobody's")
    assert refused(lambda: stub.MutateCart(step(unknown, 0))) == (grpc.StatusCode.ABORTED, "CART_UNKNOWN", {})


@pytest.mark.parametrize("revision", [6, 8, 0])
def test_a_cart_at_another_revision_must_be_sent_whole(stub: PricingServiceStub, revision: int) -> None:
    stub.MutateCart(whole(CART, 7))
    mismatch = (grpc.StatusCode.ABORTED, "REVISION_MISMATCH", {})
    assert refused(lambda: stub.MutateCart(step(CART, revision, quantity("a", 1)))) == mismatch
    assert stub.MutateCart(step(CART, 7)).quote.total == 9_900


def test_a_whole_cart_takes_the_place_of_the_one_held(stub: PricingServiceStub) -> None:
    stub.MutateCart(whole(CART, 7))
    assert stub.MutateCart(whole(replace(CART, lines=CART.lines[1:]), 3)).quote.total == 900
    assert stub.MutateCart(step(CART, 3, quantity("b", 2))).quote.total == 1_800


def test_a_cart_sent_at_the_largest_revision_can_be_changed(stub: PricingServiceStub) -> None:
    stub.MutateCart(whole(CART, 10**15))
    changed = stub.MutateCart(step(CART, 10**15, quantity("a", 1)))
    again = stub.MutateCart(step(CART, changed.revision, quantity("a", 3)))
    assert (again.revision, again.quote.total) == (10**15 + 2, 14_400)


DOUBLED = replace(CART, lines=CART.lines * 2)


def line(**fields: object) -> Mutation:
    return Mutation(set_line={"id": "z", "sku": "Z", "quantity": 1, **fields})


IMPOSSIBLE: dict[str, tuple[MutateCartRequest, str]] = {
    "unknown line": (step(CART, 7, quantity("a", 1), quantity("z", 1)), "mutations[1].set_quantity.line_id"),
    "unknown shipment": (step(CART, 7, Mutation(remove_shipment="z")), "mutations[0].remove_shipment"),
    "unknown coupon": (step(CART, 7, Mutation(detach_coupon="Z")), "mutations[0].detach_coupon"),
    "no kind": (step(CART, 7, Mutation()), "mutations[0]"),
    "no price": (step(CART, 7, line()), "mutations[0].set_line.price"),
    "no quantity": (step(CART, 7, Mutation(set_quantity={"line_id": "a"})), "mutations[0].set_quantity.quantity"),
    "10,001 mutations": (step(CART, 7, *[quantity("a", 1)] * 10_001), "mutations"),
    "1,000,000 empty mutations": (step(CART, 7, *[Mutation()] * 1_000_000), "mutations"),
    "no cart id": (MutateCartRequest(revision=7), "cart_id"),
    "long cart id": (MutateCartRequest(cart_id="x" * 1_001), "cart_id"),
    "revision below 0": (whole(CART, -1), "revision"),
    "revision above 10^15": (whole(CART, 10**15 + 1), "revision"),
}
SENSELESS: dict[str, tuple[MutateCartRequest, str]] = {
    "quantity below 0": (step(CART, 7, quantity("a", -1)), "lines[0].quantity"),
    "price 2^62": (step(CART, 7, line(price=2**62)), "lines[2].price"),
    "no such rate": (step(CART, 7, Mutation(set_shipment={"id": "s", "method": "owl"})), "shipments[0].method"),
    "5,000 lines": (step(CART, 7, *[line(id=str(number), price=1) for number in range(5_000)]), "lines"),
    "the cart sent": (whole(DOUBLED, 8), "lines[2].id"),
    "the cart sent, made good": (
        whole(DOUBLED, 8, Mutation(remove_line="a"), Mutation(remove_line="b")),
        "lines[2].id",
    ),
    "the cart sent, of another rule set": (whole(replace(CART, rule_set="autumn"), 8), "rule_set"),
}
REFUSED = [
    *((name, *case, "INVALID_MUTATION") for name, case in IMPOSSIBLE.items()),
    *((name, *case, "INVALID_CART") for name, case in SENSELESS.items()),
]


@pytest.mark.parametrize(
    ("request_", "at_fault", "reason"), [case for _, *case in REFUSED], ids=[name for name, *_ in REFUSED]
)
def test_what_is_refused_changes_nothing(
    stub: PricingServiceStub, request_: MutateCartRequest, at_fault: str, reason: str
) -> None:
    stub.MutateCart(whole(CART, 7))
    code, why, violations = refused(lambda: stub.MutateCart(request_))
    assert (code, why) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
    assert at_fault in violations
    assert stub.MutateCart(step(CART, 7)).quote.total == 9_900


@pytest.mark.parametrize("data", [b"\xff" * 40, b"not a protobuf", whole(CART, 7).SerializeToString()[:-1]])
def test_bytes_that_are_no_protobuf_are_refused(address: str, data: bytes) -> None:
    with grpc.insecure_channel(address) as channel:
        mutate = channel.unary_unary(f"/{SERVICE}/MutateCart")
        code, reason, violations = refused(lambda: mutate(data, timeout=1))
    assert (code, reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_MUTATION")
    assert violations == {"request": "the bytes are not a valid protobuf message engine.v1.MutateCartRequest"}


def test_a_rule_set_must_be_there_and_be_named_among_several(start_server: Callable[..., Server]) -> None:
    with grpc.insecure_channel(str(start_server("spring", "autumn", allow_at=True).address)) as channel:
        stub = PricingServiceStub(channel)
        for cart in (CART, replace(CART, rule_set="spring")):
            assert refused(lambda cart=cart: stub.MutateCart(whole(cart, 0)))[1:] == (
                "INVALID_MUTATION",
                {"rule_set": "is required, because several rule sets are served: use one of spring, autumn"},
            )
        assert refused(lambda: stub.MutateCart(whole(CART, 0, rule_set="winter")))[1] == "RULE_SET_NOT_FOUND"
        for name in ("spring", "autumn"):
            assert stub.MutateCart(whole(CART, 0, rule_set=name)).quote.rule_set == name
        named = replace(CART, rule_set="spring")
        assert refused(lambda: stub.MutateCart(whole(named, 0, rule_set="autumn")))[2] == {
            "rule_set": "must be empty or autumn, the rule set of the request"
        }
        stub.MutateCart(step(CART, 0, Mutation(remove_line="a"), rule_set="autumn"))
        assert len(stub.MutateCart(step(CART, 0, rule_set="spring")).quote.lines) == 2


def test_a_moment_needs_the_right_to_choose_it(start_server: Callable[..., Server]) -> None:
    with grpc.insecure_channel(str(start_server("spring").address)) as channel:
        stub = PricingServiceStub(channel)
        request = whole(CART, 0)
        assert refused(lambda: stub.MutateCart(request))[:2] == (grpc.StatusCode.PERMISSION_DENIED, "NOT_PERMITTED")
        request.cart.ClearField("at")
        stub.MutateCart(request)
        set_at = step(CART, 0, Mutation(set_at=Timestamp(seconds=1)))
        assert refused(lambda: stub.MutateCart(set_at))[1] == "NOT_PERMITTED"
        request.mutations.append(Mutation(set_at=Timestamp(seconds=1)))
        assert refused(lambda: stub.MutateCart(request))[1] == "NOT_PERMITTED"


@pytest.mark.parametrize("explain", [False, True])
def test_the_clock_goes_on_until_a_moment_is_set(stub: PricingServiceStub, explain: bool) -> None:
    request = whole(replace(CART, explain=explain), 0)
    request.cart.ClearField("at")
    before = time.time_ns()
    first = stub.MutateCart(request).quote.at.ToNanoseconds()
    second = stub.MutateCart(step(CART, 0)).quote.at.ToNanoseconds()
    third = stub.MutateCart(step(CART, 1, quantity("a", 3))).quote.at.ToNanoseconds()
    assert before < first < second < third < time.time_ns()
    moment = Timestamp(seconds=5)
    assert stub.MutateCart(step(CART, 2, Mutation(set_at=moment))).quote.at == moment
    assert stub.MutateCart(step(CART, 3, quantity("a", 4))).quote.at == moment


@pytest.mark.parametrize("explain", [False, True])
def test_a_moment_that_was_sent_stays(stub: PricingServiceStub, explain: bool) -> None:
    stub.MutateCart(whole(replace(CART, explain=explain), 0))
    assert stub.MutateCart(step(CART, 0, quantity("a", 3))).quote.at.ToNanoseconds() == NOON


def test_changes_are_of_the_quote_before(stub: PricingServiceStub) -> None:
    quote = stub.MutateCart(whole(CART, 0, changes_only=True)).quote
    answer = stub.MutateCart(step(CART, 0, quantity("b", 2), changes_only=True))
    assert not answer.HasField("quote")
    quote = patched(quote, answer.changes)
    assert quote == stub.MutateCart(step(CART, 1)).quote
    answer = stub.MutateCart(step(CART, 1, Mutation(remove_line="a"), changes_only=True))
    assert (answer.revision, list(answer.changes.removed_lines)) == (2, ["a"])
    assert [each.id for each in answer.changes.changed.lines] == []
    assert patched(quote, answer.changes) == stub.MutateCart(step(CART, 2)).quote


def test_changes_are_never_of_a_quote_that_did_not_arrive() -> None:
    """A response with new prices of lines is lost; the next response must not treat those lines as unchanged."""
    text = """\
ruleset: x
currencies: [USD]
promotions:
  less: {layer: item, reward: {amount_off: {of: cart, per: unit, amount: 0.0%s}}}
"""
    before, after = (load_text(text % cents) for cents in (1, 2))
    pricer = Pricer([ServedRuleSet.of(before)])
    sessions = CartSessions(pricer, memory=10**6, allow_at=True)

    def answer(request: MutateCartRequest) -> MutateCartResponse:
        return MutateCartResponse.FromString(sessions.mutate(request.SerializeToString()).response)

    answer(whole(CART, 7, changes_only=True))
    pricer.serve(ServedRuleSet.of(after))
    lost = answer(step(CART, 7, changes_only=True))
    assert (lost.revision, answer(step(CART, 8, changes_only=True)).revision) == (8, 8)
    with pytest.raises(RevisionMismatch):
        answer(step(CART, 7, quantity("b", 2), changes_only=True))


def test_a_cart_priced_while_its_rule_set_is_replaced_keeps_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    pricer = Pricer([ServedRuleSet.of(load_text(spring()))])
    sessions = CartSessions(pricer, memory=10**6, allow_at=True)
    monkeypatch.setattr(pricer, "serves", lambda _: False)
    sessions.mutate(whole(CART, 7).SerializeToString())
    (held,) = sessions._held._carts.values()
    assert (held.session, bool(held.cart)) == (None, True)


@pytest.mark.parametrize("filled", [False, True])
def test_a_price_is_computed_without_python_and_in_the_session_of_its_cart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, filled: bool
) -> None:
    """Python would take many times as long to give the same quote."""
    catalogue = tmp_path / "catalogue.csv"
    catalogue.write_text("sku,price\nBOOT,5000\nHAT,1000\n")
    rule_set = ServedRuleSet.of(load_text(spring()))
    pricer = Pricer([rule_set], catalogue if filled else None)
    sessions = CartSessions(pricer, memory=10**6, allow_at=True)
    monkeypatch.setattr(Pricer, "price_to_bytes", None)
    shopper = replace(CART, lines=tuple(replace(line, price=UNPRICED) for line in CART.lines)) if filled else CART
    cart = cart_to_message(shopper).SerializeToString()
    assert pricer.price_bytes(cart, cart_head(cart), 0).quote
    sessions.mutate(whole(shopper, 7).SerializeToString())
    (opened,) = sessions._held._carts.values()
    session = opened.session
    assert session is not None
    with rule_set.session() as of_another_call:
        assert session.workspace is of_another_call.workspace
        sessions.mutate(step(CART, 7, quantity("b", 2)).SerializeToString())
        assert session.workspace is not of_another_call.workspace
    (changed,) = sessions._held._carts.values()
    assert (changed.revision, changed.session) == (8, session)


def test_carts_that_ask_for_advice_are_advised_at_each_step(stub: PricingServiceStub) -> None:
    cart = replace(CART, explain=True, declined_promotions=("ten-off",))
    opened = stub.MutateCart(whole(cart, 0)).quote
    assert opened == stub.PriceCart(cart_to_message(cart))
    assert opened.explanations[0].promotion_id == "ten-off"
    changed = stub.MutateCart(step(cart, 0, quantity("a", 1))).quote
    assert changed == stub.PriceCart(cart_to_message(apply(cart, [SetQuantity("a", 1)])))
    assert changed.explanations


def test_the_oldest_carts_go_when_the_memory_is_full(start_server: Callable[..., Server]) -> None:
    server = start_server("spring", allow_at=True, session_memory=20_000)
    with grpc.insecure_channel(str(server.address)) as channel:
        stub = PricingServiceStub(channel)
        carts = [replace(CART, id=f"cart {number}") for number in range(100)]
        for cart in carts:
            stub.MutateCart(whole(cart, 0))
        assert refused(lambda: stub.MutateCart(step(carts[0], 0)))[1] == "CART_UNKNOWN"
        for cart in carts[-5:]:
            assert stub.MutateCart(step(cart, 0, quantity("a", 1))).quote.total == 5_400


def test_of_calls_on_one_cart_at_once_one_wins(stub: PricingServiceStub) -> None:
    def change(number: int) -> str:
        try:
            stub.MutateCart(step(CART, 0, quantity("a", number + 1)))
        except grpc.RpcError as error:
            return fault(rpc_status.from_call(error).details)[0]
        return "OK"

    for _ in range(20):
        stub.MutateCart(whole(CART, 0))
        with ThreadPoolExecutor(8) as callers:
            assert Counter(callers.map(change, range(8))) == {"OK": 1, "REVISION_MISMATCH": 7}


def test_many_carts_at_once_do_not_mix(stub: PricingServiceStub) -> None:
    def shop(number: int) -> list[int]:
        cart = replace(CART, id=f"shopper {number}", lines=CART.lines[:1])
        stub.MutateCart(whole(cart, 0))
        return [
            stub.MutateCart(step(cart, revision, quantity("a", number + revision + 1))).quote.total
            for revision in range(30)
        ]

    with ThreadPoolExecutor(8) as shoppers:
        for number, totals in enumerate(shoppers.map(shop, range(16))):
            assert totals == [4_500 * (number + revision + 1) for revision in range(30)]


def test_random_mutations_come_to_what_pricing_the_whole_cart_comes_to() -> None:
    random = Random(7)
    cases = random_cases(7)
    refusals = steps = 0
    while steps < 1_500:
        rules, cart = next(cases)
        pricer = Pricer([ServedRuleSet.of(rules)])
        sessions = CartSessions(pricer, memory=10**6, allow_at=True)
        sessions.mutate(whole(cart, 0).SerializeToString())
        revision = 0
        for _ in range(25):
            mutations = random_mutations(random, rules, cart, random.choice((1, 1, 1, 4)))
            request = step(cart, revision, *map(mutation_to_message, mutations)).SerializeToString()
            after = apply(cart, mutations)
            try:
                expected = quote_bytes(pricer.price(after).quote)
            except InvalidCart as refusal:
                refusals += 1
                with pytest.raises(InvalidCart, match=f"^{escape(str(refusal))}$"):
                    sessions.mutate(request)
            else:
                answer = MutateCartResponse.FromString(sessions.mutate(request).response)
                assert answer.quote.SerializeToString(deterministic=True) == expected
                cart, revision = after, answer.revision
            steps += 1
    assert 0 < refusals < steps // 3


def test_a_cart_sent_in_pieces_is_put_together_as_protobuf_does() -> None:
    rules, cart = next(random_cases(1))
    sessions = CartSessions(Pricer([ServedRuleSet.of(rules)]), memory=10**6, allow_at=True)
    request = whole(cart, 0)
    quote = MutateCartResponse.FromString(sessions.mutate(request.SerializeToString()).response).quote
    twice = request.SerializeToString() + MutateCartRequest(cart=cart_pb2.Cart(id="again")).SerializeToString()
    again = MutateCartResponse.FromString(sessions.mutate(twice).response).quote
    assert again.cart_id == "again"
    again.cart_id = quote.cart_id
    assert again == quote
