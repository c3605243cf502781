"""The client helper: the shopper's cart gets its quote, whatever happens to the service's copy."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import grpc
import pytest

from engine.cli.demo import __file__ as demo
from engine.client import CartSession, PricingClient
from engine.errors import CallFailed, CartwrightError, InvalidCart, InvalidMutation, NotPermitted
from engine.pricing.mutations import Mutation, RemoveLine, SetAt, SetAttribute, SetLine, SetQuantity, apply
from engine.rules import load
from engine.service import ENGINE_TIME, SERVICE
from engine.service.pricer import Pricer
from engine.service.rule_set import ServedRuleSet
from engine.service.server import Server
from engine.service.sessions import CartSessions
from engine.service.settings import Settings
from engine.v1.pricing_pb2 import MutateCartRequest, MutateCartResponse
from engine.v1.quote_pb2 import Quote
from tests.random_carts import random_cart
from tests.random_mutations import random_mutations
from tests.serving import CART, HAT, NOON, running, settings_of
from tests.strategies import numbered_case


def test_a_shopper_shops(client: PricingClient) -> None:
    session = client.open(CART)
    assert session.quote == client.price(CART).quote
    assert session.mutate(SetQuantity("a", 1)).quote.total == 5_400
    assert session.mutate(SetQuantity("b", 0), SetLine(replace(HAT, id="c", quantity=3))).quote.total == 7_200
    assert session.quote == client.price(session.cart).quote
    assert session.priced.engine_ns > 0
    assert session.cart == apply(
        CART, [SetQuantity("a", 1), RemoveLine("b"), SetLine(replace(HAT, id="c", quantity=3))]
    )


@pytest.mark.parametrize("mutation", [SetQuantity("z", 1), RemoveLine("z")])
def test_what_cannot_be_changed_is_said_before_it_is_sent(client: PricingClient, mutation: Mutation) -> None:
    session = client.open(CART)
    with pytest.raises(InvalidMutation, match="is not a line of this cart"):
        session.mutate(SetQuantity("a", 1), mutation)
    assert session.cart == CART
    assert session.mutate().quote.total == 9_900


@pytest.mark.parametrize(
    ("kind", "named", "value"), [(SetQuantity, "a", 2**70), (SetQuantity, "a", 1.5), (SetAttribute, "size", 1.5)]
)
def test_what_no_message_holds_is_said_by_its_place(
    client: PricingClient, kind: Callable[[str, Any], Mutation], named: str, value: Any
) -> None:
    session = client.open(CART)
    with pytest.raises(InvalidMutation, match=r"mutations\[1\]: Set(Quantity|Attribute).*cannot be sent"):
        session.mutate(SetQuantity("b", 1), kind(named, value))
    assert session.cart == CART


def test_a_cart_that_would_make_no_sense_stays_as_it_was(client: PricingClient) -> None:
    session = client.open(CART)
    with pytest.raises(InvalidCart, match=r"lines\[0\].quantity"):
        session.mutate(SetQuantity("a", -1))
    assert (session.cart, session.quote.total) == (CART, 9_900)
    assert session.mutate(SetQuantity("a", 1)).quote.total == 5_400


@pytest.mark.parametrize("changes_only", [False, True])
@pytest.mark.parametrize("streams", [False, True])
def test_quotes_are_those_of_whole_carts(streams: bool, changes_only: bool, demo_address: str) -> None:
    """Uses the demo's rules, whose quotes have discounts, shipments and layers that come and go."""
    rules = load([Path(demo).parent / "rules.yaml"])
    random = Random(8)
    steps = 0
    with PricingClient(demo_address, send_at=True) as client, client.stream() as stream:
        while steps < 400:
            cart = random_cart(random, rules)
            session = (stream if streams else client).open(cart, changes_only=changes_only)
            for _ in range(20):
                mutations = random_mutations(random, rules, session.cart, random.choice((1, 1, 3)))
                try:
                    quote = session.mutate(*mutations).quote
                except InvalidCart:
                    continue
                assert quote == client.price(session.cart).quote
                steps += 1


@pytest.fixture(scope="session")
def demo_address() -> Iterator[str]:
    rules = Path(demo).parent / "rules.yaml"
    with running(Server(settings_of(rules, allow_at=True))) as server:
        yield str(server.address)


Restart = Callable[[], None]


@pytest.fixture
def restarted(rule_file: Callable[[str], Path]) -> Iterator[tuple[str, Restart]]:
    """An address, and a function that replaces the service there."""
    settings = settings_of(rule_file("spring"), allow_at=True, grace=0.2)
    server = Server(settings)
    address = server.address
    server.start()

    def restart() -> None:
        nonlocal server
        server.stop()
        server = Server(replace(settings, address=address))
        server.start()

    yield str(address), restart
    server.stop()


@pytest.mark.parametrize("changes_only", [False, True])
def test_a_service_that_starts_anew_is_sent_the_whole_cart(restarted: tuple[str, Restart], changes_only: bool) -> None:
    address, restart = restarted
    with PricingClient(address, send_at=True) as client:
        session = client.open(CART, changes_only=changes_only)
        for number in range(1, 4):
            assert session.mutate(SetQuantity("a", number)).quote == client.price(session.cart).quote
            restart()
            assert session.mutate(SetQuantity("b", number)).quote == client.price(session.cart).quote
        assert session.quote.total == 16_200


def test_a_service_that_is_away_for_a_moment_is_waited_for(rule_file: Callable[[str], Path]) -> None:
    settings = settings_of(rule_file("spring"), allow_at=True)
    first = Server(settings)
    first.start()
    with PricingClient(str(first.address), send_at=True) as client:
        session = client.open(CART)
        first.stop()
        with ThreadPoolExecutor() as helper:
            second = helper.submit(_started_after, 0.5, replace(settings, address=first.address))
            assert session.mutate(SetQuantity("a", 1)).quote.total == 5_400
        second.result().stop()


def _started_after(seconds: float, settings: Settings) -> Server:
    time.sleep(seconds)
    server = Server(settings)
    server.start()
    return server


def test_a_call_that_a_stopping_service_drops_is_sent_again() -> None:
    """gRPC cancels calls that a stopping server has accepted and not begun."""
    asked = 0

    def price(request: bytes, context: grpc.ServicerContext) -> bytes:
        nonlocal asked
        asked += 1
        if asked == 1:
            context.abort(grpc.StatusCode.CANCELLED, "")
        context.set_trailing_metadata(((ENGINE_TIME, "1"),))
        return Quote(currency="USD", total=5_400).SerializeToString()

    server = grpc.server(ThreadPoolExecutor(1))
    methods = {"PriceCart": grpc.unary_unary_rpc_method_handler(price)}
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, methods)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with PricingClient(f"127.0.0.1:{port}") as client:
        assert client.price(CART).quote.total == 5_400
    server.stop(None).wait()
    assert asked == 2


def test_a_service_that_stays_away_is_a_failed_call_in_time() -> None:
    started = time.monotonic()
    with (
        PricingClient("127.0.0.1:1", send_at=True) as client,
        pytest.raises(CallFailed, match=r"UNAVAILABLE|DEADLINE_EXCEEDED"),
    ):
        client.open(CART, timeout=0.5)
    assert time.monotonic() - started < 2


def test_two_owners_of_one_cart_do_not_get_each_others_quotes(client: PricingClient) -> None:
    one, other = client.open(CART), client.open(replace(CART, lines=(HAT,)))
    for number in range(1, 6):
        assert one.mutate(SetQuantity("a", number)).quote.total == 4_500 * number + 900
        assert other.mutate(SetQuantity("b", number)).quote.total == 900 * number


def test_a_mutation_that_was_made_but_not_answered_is_not_made_twice(address: str) -> None:
    """The response is lost: the next call gets REVISION_MISMATCH and sends the client's cart."""
    with PricingClient(address, send_at=True) as client:
        lose = False
        send = client._mutate

        def unreliable(request: MutateCartRequest, timeout: float) -> tuple[MutateCartResponse, int]:
            answer = send(request, timeout)
            if lose:
                raise CallFailed("UNAVAILABLE: the line broke")
            return answer

        session = CartSession(unreliable, CART, send_at=True, changes_only=True, timeout=5)
        lose = True
        with pytest.raises(CallFailed):
            session.mutate(SetLine(replace(HAT, id="c")))
        lose = False
        assert session.mutate(SetLine(replace(HAT, id="d"))).quote.total == 10_800
        assert [line.id for line in session.cart.lines] == ["a", "b", "d"]


def test_lost_answers_and_repeated_calls_leave_no_quote_wrong() -> None:
    """While rule sets replace each other, and calls without mutations price the cart again."""
    random = Random(15)
    right = lost = 0
    for number in range(60):
        rules, cart = numbered_case(15, number)
        versions = [ServedRuleSet.of(each) for each in (rules, replace(rules, promotions=rules.promotions[1:]))]
        pricer = Pricer([ServedRuleSet.of(rules)])
        sessions = CartSessions(pricer, memory=10**6, allow_at=True)

        def unreliable(
            request: MutateCartRequest, timeout: float, sessions: CartSessions = sessions
        ) -> tuple[MutateCartResponse, int]:
            data = request.SerializeToString()
            if random.random() < 0.1:
                sessions.mutate(data)
            answer = MutateCartResponse.FromString(sessions.mutate(data).response)
            if not request.HasField("cart") and random.random() < 0.25:
                raise CallFailed("UNAVAILABLE: the line broke")
            return answer, 0

        session = CartSession(unreliable, cart, send_at=True, changes_only=True, timeout=5)
        for _ in range(30):
            pricer.serve(random.choice(versions))
            try:
                session.mutate(*random_mutations(random, rules, session.cart, random.choice((0, 1))))
            except InvalidCart:
                continue
            except CallFailed:
                lost += 1
            else:
                assert session.quote == pricer.price(session.cart).quote
                right += 1
    assert right > lost > 100


def test_the_whole_cart_is_sent_once_only(client: PricingClient) -> None:
    sent: list[MutateCartRequest] = []
    send = client._mutate

    def forgetful(request: MutateCartRequest, timeout: float) -> tuple[MutateCartResponse, int]:
        sent.append(request)
        wrong = MutateCartRequest(cart_id="nobody's", revision=1)
        return send(request if len(sent) == 1 else wrong, timeout)

    session = CartSession(forgetful, CART, send_at=True, changes_only=False, timeout=5)
    with pytest.raises(CartwrightError) as caught:
        session.mutate(SetQuantity("a", 1))
    assert caught.value.code == "cart_unknown"
    assert [request.HasField("cart") for request in sent] == [True, False, True]
    assert session.cart == CART


def test_the_clock_of_the_service_counts_unless_a_moment_is_sent(
    start_server: Callable[..., Server], address: str, client: PricingClient
) -> None:
    strict = str(start_server("spring").address)
    with PricingClient(strict, send_at=True) as refused, pytest.raises(NotPermitted, match="--allow-at"):
        refused.open(CART)
    with PricingClient(strict) as ordinary:
        assert abs(ordinary.price(CART).quote.at - time.time_ns()) < 10**10
        session = ordinary.open(CART)
        assert abs(session.quote.at - time.time_ns()) < 10**10
        with pytest.raises(NotPermitted):
            session.mutate(SetAt(5 * 10**9))
        assert session.mutate(SetQuantity("a", 1)).quote.at > NOON
    with PricingClient(address) as ordinary:
        session = ordinary.open(CART)
        assert session.mutate(SetAt(5 * 10**9)).quote.at == 5 * 10**9
        client.open(CART)  # and the cart held belongs to another sender
        assert session.mutate(SetQuantity("a", 1)).quote.at == 5 * 10**9


def test_a_closed_client_says_so(address: str) -> None:
    client = PricingClient(address, send_at=True)
    session = client.open(CART)
    client.close()
    with pytest.raises(ValueError, match="closed channel"):
        session.mutate()
