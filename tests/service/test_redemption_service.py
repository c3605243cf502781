"""Reserve, commit and release over real ports and a real Redis: promises are kept, and every replica shows them."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from engine.client import PricingClient, QuoteChanged, Reserved, RuleSetClient
from engine.client.failures import error_of
from engine.errors import (
    InvalidCart,
    InvalidRequest,
    InvalidReturn,
    KeyReused,
    LedgerClosed,
    NotPermitted,
    ReservationCommitted,
    ReservationExpired,
    ReservationNotFound,
    ReservationReleased,
    ReservationReplaced,
    StoreMissing,
)
from engine.pricing.cart import UNPRICED, CouponFact, Line, Usage
from engine.pricing.mutations import AttachCoupon, DetachCoupon, SetChannel, SetPaymentMethod, SetQuantity, SetUsage
from engine.pricing.quote import Reason, Status
from engine.service.messages import cart_to_message
from engine.service.server import Server
from engine.service.store_facts import StoreFacts
from engine.store import known_codes
from engine.store.code_key import CodeKey
from engine.store.connection import Connection
from engine.store.coupon_pools import CouponPools
from engine.store.receipt_store import ReceiptStore
from engine.store.receipts import Receipt, encode
from engine.store.redemptions import Redemptions, State
from engine.v1.quote_pb2 import Quote
from engine.v1.redemption_pb2 import ReserveRequest
from engine.v1.redemption_pb2_grpc import RedemptionServiceStub
from engine.v1.rule_sets_pb2 import PublishRequest
from engine.v1.rule_sets_pb2_grpc import RuleSetServiceStub
from tests.redemptions import UNTOUCHED, cart, replica, total
from tests.serving import running, settings_of
from tests.waiting import eventually


@pytest.fixture
def clients(redemptions: Redemptions, redis_url: str, tmp_path: Path) -> Iterator[tuple[PricingClient, PricingClient]]:
    """Clients of two replicas."""
    with (
        replica(tmp_path, redis_url) as one,
        replica(tmp_path, redis_url) as other,
        PricingClient(str(one.address)) as client,
        PricingClient(str(other.address)) as second,
    ):
        yield client, second


@pytest.fixture
def client(clients: tuple[PricingClient, PricingClient]) -> PricingClient:
    return clients[0]


def reserve(client: PricingClient, key: str, id: str, **facts: object) -> Reserved:
    """Price the cart and reserve that."""
    shopper = cart(id, **facts)
    return client.reserve(key, shopper, client.price(shopper).quote)


def test_what_is_reserved_is_committed_once_and_leaves_a_receipt(client: PricingClient, connection: Connection) -> None:
    taken = reserve(client, "k1", "c1", channel="web")
    assert (taken.state, taken.quote.total, taken.receipt_id) == (State.RESERVED, UNTOUCHED - 1_000, "")
    assert 890 < taken.expires / 10**9 - time.time() < 910
    committed = client.commit("k1")
    assert committed == client.commit("k1") == taken._replace(state=State.COMMITTED, receipt_id=committed.receipt_id)
    [[entry]] = ReceiptStore(connection, "spring").batches()
    receipt = entry.receipt
    assert isinstance(receipt, Receipt)
    assert (entry.id, receipt.key, receipt.cart_id) == (committed.receipt_id, "k1", "c1")
    assert [each.amount for each in receipt.redemptions] == [1_000]
    assert ReceiptStore(connection, "spring").sale("k1").sold == entry
    with pytest.raises(ReservationCommitted):
        client.release("k1")


def test_the_same_key_is_answered_the_same_and_another_request_under_it_is_refused(client: PricingClient) -> None:
    shopper = cart("c1", channel="web")
    quote = client.price(shopper).quote
    taken = client.reserve("k1", shopper, quote)
    assert client.reserve("k1", shopper, quote) == taken
    with pytest.raises(KeyReused):
        client.reserve("k1", shopper, quote, seconds=60)
    half: Any = 1.5
    with pytest.raises(InvalidRequest, match=r"seconds: must be a whole number of seconds, not 1\.5"):
        client.reserve("k2", shopper, quote, seconds=half)
    client.commit("k1")
    # Its own use is counted now; the key is still answered as before.
    assert client.reserve("k1", shopper, quote).state is State.COMMITTED


@pytest.mark.parametrize("changes_only", [False, True])
@pytest.mark.usefixtures("redemptions")
def test_a_price_in_a_field_that_only_a_newer_service_knows_is_reserved(
    redis_url: str, tmp_path: Path, changes_only: bool
) -> None:
    shopper = cart("c1", channel="web")
    with replica(tmp_path, redis_url) as server, PricingClient(str(server.address)) as client:
        [rule_set] = server.rule_sets
        rule_set.revision_field += b"\xfa\x07\x03fee"  # field 127 at the end of each quote
        seen = client.price(shopper).quote
        client.reserve("k1", shopper, pickle.loads(pickle.dumps(seen)))
        session = client.open(shopper, changes_only=changes_only)
        session.mutate(SetQuantity("a", 3))
        taken = client.reserve("k2", session.cart, session.quote)
        client.reserve("k3", session.cart, taken.quote)
        rule_set.revision_field = rule_set.revision_field.replace(b"fee", b"tip")
        with pytest.raises(QuoteChanged) as caught:
            client.reserve("k4", session.cart, session.quote)
        client.reserve("k5", session.cart, caught.value.quote)
        dearer = session.quote._replace(total=session.quote.total + 1)
        with pytest.raises(QuoteChanged):
            client.reserve("k6", session.cart, dearer)


def test_exhaustion_shows_on_every_replica_within_a_second(clients: tuple[PricingClient, PricingClient]) -> None:
    one, other = clients
    assert total(other, cart("z", channel="web")) == UNTOUCHED - 1_000
    for number in range(2):
        reserve(one, f"k{number}", f"c{number}", channel="web")
    for client in clients:
        eventually(lambda client=client: total(client, cart("z", channel="web")) == UNTOUCHED, 1.0)
    one.release("k0")
    for client in clients:
        eventually(lambda client=client: total(client, cart("z", channel="web")) == UNTOUCHED - 1_000, 1.0)


def test_a_quote_that_holds_no_longer_is_refused_with_the_one_that_does(
    clients: tuple[PricingClient, PricingClient],
) -> None:
    one, other = clients
    shopper = cart("slow", channel="web")
    seen = other.price(shopper).quote
    for number in range(2):
        reserve(one, f"k{number}", f"c{number}", channel="web")
    with pytest.raises(QuoteChanged) as caught:
        other.reserve("late", shopper, seen)  # at once, whatever that replica knows so far
    assert (seen.total, caught.value.quote.total) == (UNTOUCHED - 1_000, UNTOUCHED)
    assert other.reserve("late", shopper, caught.value.quote).state is State.RESERVED
    one.release("k0")
    again = other.reserve("again", replace(shopper, id="next"), seen._replace(cart_id="next"))
    assert again.quote.total == UNTOUCHED - 1_000


def test_a_partial_budget_is_used_to_the_last_cent(client: PricingClient) -> None:
    totals = []
    for number in range(4):
        shopper = cart(f"c{number}", channel="app")
        while True:
            quote = client.price(shopper).quote
            try:
                totals.append(client.reserve(f"k{number}", shopper, quote).quote.total)
                break
            except QuoteChanged:
                time.sleep(0.05)
    assert totals == [UNTOUCHED - 1_000, UNTOUCHED - 1_000, UNTOUCHED - 500, UNTOUCHED]


def test_credit_is_taken_of_a_budget_as_money_off_is(client: PricingClient, connection: Connection) -> None:
    assert reserve(client, "k1", "c1", payment_method="credit").quote.credit == 400
    client.commit("k1")
    [[entry]] = ReceiptStore(connection, "spring").batches()
    assert isinstance(entry.receipt, Receipt)
    assert [(each.promotion_id, each.amount) for each in entry.receipt.redemptions] == [("credited", 400)]
    eventually(lambda: client.price(cart("c2", payment_method="credit")).quote.credit == 0)


def test_a_customer_and_a_code_are_known_when_they_join_and_followed_from_then_on(
    clients: tuple[PricingClient, PricingClient],
) -> None:
    one, other = clients
    taken = reserve(one, "k1", "c1", customer="anna", payment_method="welcome")
    assert taken.quote.total == UNTOUCHED - 300
    one.commit("k1")
    session = other.open(cart("c2", customer="anna"))
    session.mutate(SetPaymentMethod("welcome"))
    eventually(lambda: session.mutate().quote.total == UNTOUCHED)
    for number in range(2):
        reserve(one, f"s{number}", f"s{number}", coupons=("SUMMER",))
    session.mutate(AttachCoupon("summer"))
    eventually(lambda: session.mutate().quote.total == UNTOUCHED)
    assert session.quote.coupons[0].promotion_ids == ("gift",)
    session.mutate(DetachCoupon("summer"), AttachCoupon("SOMMER"))
    assert session.quote.total == UNTOUCHED - 500
    one.release("s0")
    session.mutate(DetachCoupon("SOMMER"), AttachCoupon("SUMMER"))
    eventually(lambda: session.mutate().quote.total == UNTOUCHED - 500)


def test_a_shopper_who_goes_back_from_payment_is_not_in_his_own_way(
    clients: tuple[PricingClient, PricingClient],
) -> None:
    one, other = clients
    shopper = cart("c1", customer="anna", payment_method="welcome")
    first = one.reserve("k1", shopper, one.price(shopper).quote)
    time.sleep(0.5)  # every replica knows it now
    for client in clients:
        assert total(client, shopper) == UNTOUCHED - 300
        eventually(lambda client=client: total(client, replace(shopper, id="c2")) == UNTOUCHED)
    again = other.reserve("k2", shopper, other.price(shopper).quote)
    assert again.quote.total == first.quote.total
    with pytest.raises(ReservationReplaced):
        one.commit("k1")
    assert one.release("k1").state is State.REPLACED
    assert one.commit("k2").state is State.COMMITTED


def test_a_limit_of_a_day_is_counted_by_the_day(client: PricingClient, connection: Connection) -> None:
    for number in range(2):
        reserve(client, f"k{number}", f"c{number}", payment_method="daily")
    eventually(lambda: total(client, cart("c3", payment_method="daily")) == UNTOUCHED)
    [key] = connection.scan("cartwright:{spring}:total:*")
    assert 24 * 3_600_000 < connection.call("PTTL", key.decode()) <= 48 * 3_600_000


def test_what_ended_is_said_to_have_ended(client: PricingClient) -> None:
    reserve(client, "released", "c1", channel="web")
    assert client.release("released") == client.release("released")
    with pytest.raises(ReservationReleased):
        client.commit("released")
    shopper = cart("c2", channel="web")
    client.reserve("expired", shopper, client.price(shopper).quote, seconds=1)
    time.sleep(1.1)
    assert client.release("expired").state is State.EXPIRED
    with pytest.raises(ReservationExpired, match=r"has ended \(expired\): reserve again with a new key"):
        client.commit("expired")
    for call in (client.commit, client.release):
        with pytest.raises(ReservationNotFound):
            call("never made")


def test_replicas_end_what_nobody_asks_for_again(client: PricingClient, redemptions: Redemptions) -> None:
    shopper = cart("c1", channel="web")
    client.reserve("k1", shopper, client.price(shopper).quote, seconds=1)
    connection = redemptions._connection
    assert connection.call("HGETALL", "cartwright:{spring}:spent::USD") == {b"budgeted": b"1000"}
    eventually(lambda: connection.call("HGETALL", "cartwright:{spring}:spent::USD") == {}, 4)


def test_of_rivals_for_a_limit_so_many_win(client: PricingClient) -> None:
    seen = {f"c{number}": client.price(cart(f"c{number}", payment_method="card")).quote for number in range(12)}

    def attempt(id: str) -> str:
        try:
            return client.reserve(f"key of {id}", cart(id, payment_method="card"), seen[id]).state.value
        except QuoteChanged as changed:
            return f"for {changed.quote.total}"

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(attempt, seen))
    assert sorted(answers) == [f"for {UNTOUCHED}"] * 9 + ["reserved"] * 3


def test_usage_that_the_caller_sends_wins_in_pricing_and_counters_in_reserve(client: PricingClient) -> None:
    exhausted = replace(cart("c1", channel="web"), usage=(Usage(promotion_id="budgeted", spent=2_500),))
    assert total(client, exhausted) == UNTOUCHED
    for number in range(2):
        reserve(client, f"k{number}", f"c{number}", channel="web")
    eventually(lambda: total(client, cart("c3", channel="web")) == UNTOUCHED)
    unspent = replace(cart("c3", channel="web"), usage=(Usage(promotion_id="budgeted"),))
    assert total(client, unspent) == UNTOUCHED - 1_000
    session = client.open(unspent)
    assert session.mutate(SetPaymentMethod("cash")).quote.total == UNTOUCHED - 1_000
    with pytest.raises(QuoteChanged):
        client.reserve("k3", unspent, client.price(unspent).quote)
    session = client.open(cart("c4", channel="web"))
    assert session.quote.total == UNTOUCHED
    assert session.mutate(SetUsage(Usage(promotion_id="budgeted", spent=1_500))).quote.total == UNTOUCHED - 1_000
    assert session.mutate(SetChannel("web")).quote.total == UNTOUCHED - 1_000


def test_explained_carts_are_priced_by_the_same_counters(client: PricingClient) -> None:
    for number in range(2):
        reserve(client, f"k{number}", f"c{number}", channel="web")
    explained = replace(cart("c3", channel="web"), explain=True)
    eventually(lambda: total(client, explained) == UNTOUCHED)
    assert client.open(explained).mutate(SetPaymentMethod("cash")).quote.total == UNTOUCHED


def test_a_customer_is_needed_where_customers_are_counted(client: PricingClient) -> None:
    with pytest.raises(InvalidCart, match=r"customer\.id"):
        reserve(client, "k1", "c1", payment_method="welcome")


def test_carts_that_make_no_sense_are_refused_as_in_pricing(client: PricingClient) -> None:
    quote = client.price(cart("c1")).quote
    for broken in (replace(cart("c1"), currency="EUR"), replace(cart("c1"), explain=True, currency="")):
        for call in (lambda it=broken: client.price(it), lambda it=broken: client.reserve("k", it, quote)):
            with pytest.raises(InvalidCart):
                call()


def test_requests_that_make_no_sense_are_refused(client: PricingClient) -> None:
    shopper = cart("c1")
    quote = client.price(shopper).quote
    for key, seconds, field in (
        ("", 5, "key"),
        ("x" * 1_001, 5, "key"),
        ("k", 0, "time_to_live"),
        ("k", 24 * 3_600 + 1, "time_to_live"),
    ):
        with pytest.raises(InvalidRequest, match=field):
            client.reserve(key, shopper, quote, seconds=seconds)
    with pytest.raises(InvalidRequest, match=r"cart\.id"):
        client.reserve("k", cart(""), quote)
    with pytest.raises(InvalidRequest, match="key"):
        client.commit("")
    assert client.reserve("k", shopper, quote, seconds=24 * 3_600).state is State.RESERVED


@pytest.mark.usefixtures("redemptions")
def test_a_cart_that_its_catalogue_fills_in_is_reserved(redis_url: str, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue.csv"
    catalogue.write_text("sku,price\nBOOT,5000\n")
    shopper = replace(cart("c1", channel="web"), lines=(Line(id="a", sku="BOOT", quantity=2, price=UNPRICED),))
    with replica(tmp_path, redis_url, catalogue=catalogue) as server, PricingClient(str(server.address)) as client:
        taken = client.reserve("k1", shopper, client.price(shopper).quote)
    assert taken.quote.total == UNTOUCHED - 1_000


@pytest.mark.usefixtures("redemptions")
def test_the_moment_of_a_reservation_is_not_the_callers_choice(redis_url: str, tmp_path: Path) -> None:
    with replica(tmp_path, redis_url) as server, PricingClient(str(server.address)) as client:
        quote = client.price(cart("c1")).quote
        with (
            PricingClient(str(server.address), send_at=True) as chooser,
            pytest.raises(NotPermitted, match="do not send `at`"),
        ):
            chooser.reserve("k1", cart("c1"), quote)


@pytest.mark.usefixtures("redemptions")
@pytest.mark.parametrize(("seconds", "nanos"), [(100, -1), (1, 10**9), (-1, 2 * 10**9)])
def test_a_time_to_live_that_is_no_duration_is_refused(
    redis_url: str, tmp_path: Path, seconds: int, nanos: int
) -> None:
    request = ReserveRequest(
        key="k", cart=cart_to_message(cart("c1")), quote=Quote(), time_to_live=Duration(seconds=seconds, nanos=nanos)
    )
    request.cart.ClearField("at")
    with (
        replica(tmp_path, redis_url) as server,
        grpc.insecure_channel(str(server.address)) as channel,
    ):
        stub = RedemptionServiceStub(channel)
        with pytest.raises(grpc.RpcError) as caught:
            stub.Reserve(request)
        request.time_to_live.CopyFrom(Duration(seconds=1, nanos=10**9 - 1))
        assert stub.Reserve(request).HasField("changed")
    assert str(error_of(caught.value, "")) == "time_to_live: must have nanos from 0 to 999,999,999"


def test_nothing_is_reserved_before_the_ledger_is_open_or_after_it_is_lost(
    client: PricingClient, redemptions: Redemptions, connection: Connection
) -> None:
    reserve(client, "k1", "c1", channel="web")
    eventually(lambda: total(client, cart("z", channel="web")) == UNTOUCHED - 1_000)
    connection.call("FLUSHALL")
    with pytest.raises(LedgerClosed, match="cartwright redemptions open spring"):
        reserve(client, "k2", "c2", channel="web")
    with pytest.raises(LedgerClosed):  # and a changed quote is not answered by one that counts nothing
        client.reserve("k2", cart("c2", channel="web"), client.price(cart("c2")).quote)
    with pytest.raises(ReservationNotFound):
        client.commit("k1")
    assert total(client, cart("z", channel="web")) == UNTOUCHED - 1_000
    assert redemptions.open()
    assert reserve(client, "k2", "c2", channel="web").state is State.RESERVED


@pytest.fixture
def pooled(connection: Connection, redemptions: Redemptions, redis_url: str, tmp_path: Path) -> Iterator[PricingClient]:
    """The client of a replica with the key of the pool, which has two codes."""
    secret = "7" * 64
    pools = CouponPools(connection, "spring", CodeKey(bytes.fromhex(secret)))
    pools.add("club", ["CLUB-ONE", "CLUB-TWO"], 2)
    with replica(tmp_path, redis_url, code_key=secret) as server, PricingClient(str(server.address)) as client:
        yield client


def test_a_unique_code_is_verified_beside_the_calls_and_spent_once(
    pooled: PricingClient, connection: Connection
) -> None:
    shopper = cart("c1", coupons=("club-one",))
    [unverified] = pooled.price(shopper).quote.coupons
    assert (unverified.status, unverified.reason) == (Status.UNKNOWN, Reason.UNVERIFIED)
    eventually(lambda: total(pooled, shopper) == UNTOUCHED - 700)
    first = pooled.reserve("k1", shopper, pooled.price(shopper).quote)
    assert [each.promotion_ids for each in first.quote.coupons] == [("club", "club-note")]
    other = replace(shopper, id="c2")
    eventually(lambda: pooled.price(other).quote.coupons[0].status is Status.EXHAUSTED)
    assert total(pooled, shopper) == UNTOUCHED - 700  # a cart does not block itself
    with pytest.raises(QuoteChanged) as caught:
        pooled.reserve("k2", other, first.quote._replace(cart_id="c2"))
    assert caught.value.quote.coupons[0].status is Status.EXHAUSTED
    pooled.release("k1")
    taken = pooled.reserve("k2", other, first.quote._replace(cart_id="c2"))
    assert pooled.commit("k2").state is State.COMMITTED
    receipt = ReceiptStore(connection, "spring").sale("k2").sold.receipt
    unique = [name for each in receipt.redemptions for name, _, _ in each.counters if ":unique:" in name]
    assert (taken.quote.total, len(unique)) == (UNTOUCHED - 700, 1)
    session = pooled.open(shopper)
    eventually(lambda: session.mutate().quote.coupons[0].status is Status.EXHAUSTED)
    session.mutate(DetachCoupon("club-one"), AttachCoupon("Club-Two"))
    eventually(lambda: session.mutate().quote.total == UNTOUCHED - 700)


def test_two_calls_of_one_key_at_once_are_answered_the_same(
    pooled: PricingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    shopper = cart("c1", coupons=("club-one",))
    eventually(lambda: total(pooled, shopper) == UNTOUCHED - 700)
    quote = pooled.price(shopper).quote
    looked_up, taken = StoreFacts.looked_up, []

    def overtaken(*arguments: Any) -> dict[str, CouponFact]:
        """Another call comes between consulting the store and reserving."""
        monkeypatch.setattr(StoreFacts, "looked_up", looked_up)
        taken.append(pooled.reserve("k1", shopper, quote))
        return looked_up(*arguments)

    monkeypatch.setattr(StoreFacts, "looked_up", overtaken)
    assert pooled.reserve("k1", shopper, quote) == taken[0]


def test_a_pool_that_is_lost_promises_nothing_for_long(
    pooled: PricingClient, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_codes, "KNOWN_FOR", 0.05)
    session = pooled.open(cart("c1", coupons=("CLUB-ONE",)))
    eventually(lambda: session.mutate().quote.total == UNTOUCHED - 700)
    for key in connection.scan("cartwright:{spring}:pool*"):
        connection.call("DEL", key)
    eventually(lambda: session.mutate().quote.total == UNTOUCHED)
    assert session.quote.coupons[0].reason is Reason.UNVERIFIED


def test_a_code_that_no_pool_has_is_unknown_once_it_was_looked_up(pooled: PricingClient) -> None:
    session = pooled.open(cart("c1", coupons=("CLUB-THREE",)))
    assert session.quote.coupons[0].reason is Reason.UNVERIFIED
    eventually(lambda: session.mutate().quote.coupons[0].reason is None)
    assert session.quote.coupons[0].status is Status.UNKNOWN


def test_who_guesses_is_told_nothing(pooled: PricingClient) -> None:
    session = pooled.open(cart("c1", customer="eve", coupons=tuple(f"GUESS-{number}" for number in range(19))))

    def reasons() -> set[Reason | None]:
        return {each.reason for each in session.mutate().quote.coupons}

    eventually(lambda: reasons() == {None})
    session.mutate(AttachCoupon("GUESS-20"))
    eventually(lambda: reasons() == {None})
    session.mutate(AttachCoupon("CLUB-ONE"))
    eventually(lambda: reasons() == {Reason.UNVERIFIED})
    assert session.quote.total == UNTOUCHED
    eventually(lambda: total(pooled, cart("c2", customer="anna", coupons=("CLUB-ONE",))) == UNTOUCHED - 700)
    assert session.mutate().quote.total == UNTOUCHED


def test_without_the_key_of_the_codes_all_else_is_redeemed(client: PricingClient) -> None:
    shopper = cart("c1", coupons=("CLUB-ONE",), channel="web")
    quote = client.price(shopper).quote
    assert (quote.coupons[0].reason, quote.total) == (Reason.UNVERIFIED, UNTOUCHED - 1_000)
    assert client.reserve("k1", shopper, quote).quote.coupons == quote.coupons


def test_what_a_caller_says_of_a_code_counts_in_pricing_and_not_in_reserve(pooled: PricingClient) -> None:
    claimed = CouponFact(code="MADE-UP", pool="club")
    shopper = replace(cart("c1", coupons=("made-up",)), coupon_facts=(claimed,))
    assert total(pooled, shopper) == UNTOUCHED - 700
    assert pooled.open(shopper).mutate(SetPaymentMethod("cash")).quote.total == UNTOUCHED - 700
    with pytest.raises(QuoteChanged) as caught:
        pooled.reserve("k1", shopper, pooled.price(shopper).quote)
    assert (caught.value.quote.total, caught.value.quote.coupons[0].status) == (UNTOUCHED, Status.UNKNOWN)


def test_a_service_without_a_store_says_so(tmp_path: Path) -> None:
    with replica(tmp_path, None) as server, PricingClient(str(server.address)) as client:
        for call in (lambda: reserve(client, "k", "c"), lambda: client.commit("k"), lambda: client.release("k")):
            with pytest.raises(StoreMissing, match="--redis"):
                call()
        with RuleSetClient(str(server.address)) as rules, pytest.raises(StoreMissing, match="--redis"):
            rules.status()
        with grpc.insecure_channel(str(server.address)) as channel, pytest.raises(grpc.RpcError) as caught:
            RuleSetServiceStub(channel).Publish(PublishRequest())
        assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION


def test_a_replica_trims_receipts_older_than_it_is_told(
    connection: Connection, redemptions: Redemptions, redis_url: str, tmp_path: Path
) -> None:
    old = Receipt("old", "c0", "spring", "ab" * 32, 0, 0, b"", b"")
    connection.call("XADD", redemptions.keys.receipts, "7-1", *encode(old))
    with replica(tmp_path, redis_url) as server, PricingClient(str(server.address)) as client:
        reserve(client, "k1", "c1")
        client.commit("k1")
    store = ReceiptStore(connection, "spring")
    assert store.count() == 2
    with replica(tmp_path, redis_url, keep_receipts=400):
        eventually(lambda: store.count() == 1)
    assert store.sale("k1").sold.receipt.key == "k1"


def test_of_several_rule_sets_every_call_must_name_one(
    connection: Connection, redis_url: str, rule_file: Callable[[str], Path]
) -> None:
    said = "^rule_set: is required, because several rule sets are served: use one of spring, autumn$"
    with (
        running(Server(settings_of(rule_file("spring"), rule_file("autumn"), redis=redis_url))) as server,
        PricingClient(str(server.address)) as client,
    ):
        quote = client.price(cart("c", rule_set="spring")).quote
        calls: list[tuple[type[InvalidRequest], Callable[[], object]]] = [
            (InvalidCart, lambda: client.reserve("k", cart("c"), quote)),
            (InvalidRequest, lambda: client.commit("k")),
            (InvalidRequest, lambda: client.release("k")),
            (InvalidReturn, lambda: client.take_back("k", "r")),
            (InvalidReturn, lambda: client.take_back("k", "r", {"a": 1})),
        ]
        for refusal, call in calls:
            with pytest.raises(InvalidRequest, match=said) as caught:
                call()
            assert type(caught.value) is refusal
        with pytest.raises(ReservationNotFound):
            client.commit("k", rule_set="spring")
