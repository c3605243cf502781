"""Pools of unique codes in a real Redis: filled, grown, looked up, reserved with counters, and guessed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from engine.errors import InvalidCodeKey, InvalidCodes, PoolMissing, StoreFull, StoreUnavailable
from engine.pricing.cart import CouponFact, CouponState
from engine.store.code_key import CodeKey
from engine.store.connection import Connection
from engine.store.counting import Counter, Kind, Take
from engine.store.coupon_codes import Pattern
from engine.store.coupon_pools import BATCH, Added, CouponPools, LookUp, Throttle
from engine.store.embedded import EmbeddedRedis
from engine.store.redemptions import Redemptions, Request, Reservation
from tests.redis import crash

KEY = CodeKey(bytes(range(32)))
PATTERN = Pattern("CLUB-####-####-####")
HOUR = 3_600_000


@pytest.fixture
def pools(connection: Connection) -> CouponPools:
    return CouponPools(connection, "summer", KEY)


def available(code: str, pool: str = "club") -> CouponFact:
    return CouponFact(code=code, pool=pool)


def spent(code: str, pool: str = "club") -> CouponFact:
    return CouponFact(code=code, state=CouponState.SPENT, pool=pool)


def some(count: int, first: int = 0) -> list[str]:
    """Codes of the pattern."""
    return [PATTERN.code(number * 7_919) for number in range(first, first + count)]


def found(pools: CouponPools, *codes: str, pool: str = "club") -> list[str]:
    return [each.code for each in pools.look_up(codes, [pool], "test").facts]


def test_what_was_put_in_is_found_and_nothing_else(pools: CouponPools) -> None:
    codes = some(1_000)
    assert pools.add("club", codes, 1_000, PATTERN) == Added(1_000, 0)
    assert found(pools, *codes) == codes
    strangers = some(50, first=1_000)
    assert found(pools, *strangers, codes[3], "club") == [codes[3]]
    assert pools.look_up([codes[0].lower()], ["club"], "test") == LookUp((available(codes[0].lower()),))
    pools.add("other", some(1, first=5_000), 1)
    assert found(pools, codes[0], pool="other") == []


def test_a_rule_set_has_pools_of_its_own(connection: Connection) -> None:
    summer, winter = (CouponPools(connection, name, KEY) for name in ("summer", "winter"))
    summer.add("club", some(2), 2)
    winter.add("club", some(1), 1)
    assert winter.look_up(some(2), ["club"], "test").facts == (available(*some(1)),)


def test_what_is_lost_is_not_unknown(pools: CouponPools, connection: Connection) -> None:
    first, second = some(2)
    pools.add("club", [first], 1)
    pools.add("mail", [second], 1)
    assert pools.look_up(["A", first], ["club", "mail"], "test").facts == (available(first),)
    connection.call("HDEL", "cartwright:{summer}:pools", "mail:depth")
    assert pools.look_up([first], ["club", "mail"], "test").facts == (available(first),)
    with pytest.raises(PoolMissing, match="no pool mail of summer"):
        pools.look_up([first, second], ["club", "mail"], "test")
    connection.call("FLUSHALL")
    with pytest.raises(PoolMissing):
        pools.look_up([first], ["club"], "test")


def test_codes_are_put_in_once(pools: CouponPools) -> None:
    codes = some(300)
    assert pools.add("club", codes, 300) == Added(300, 0)
    assert pools.add("club", [*codes, *codes, *some(10, first=300)], 610) == Added(10, 600)
    (pool,) = pools.pools()
    assert (pool.name, pool.codes, pool.used, pool.patterns) == ("club", 310, 0, ())
    assert pool.memory < 310 * 30


def test_a_pool_that_grows_keeps_its_sets_small(pools: CouponPools, connection: Connection) -> None:
    codes = some(6_000)
    for first in range(0, 6_000, 600):
        pools.add("club", codes[first : first + 600], 600)
        for begin in range(0, first + 600, 2_000):
            assert found(pools, *codes[begin : min(begin + 2_000, first + 600)])
    assert found(pools, *codes) == codes
    (pool,) = pools.pools()
    assert pool.codes == 6_000
    keys = list(connection.scan("cartwright:{summer}:pool:club:*"))
    assert len(keys) > 8
    assert {connection.call("OBJECT", "ENCODING", key) for key in keys} == {b"intset"}
    assert pool.memory < 6_000 * 12


def test_a_growth_that_stopped_midway_is_no_loss_and_goes_on(pools: CouponPools, connection: Connection) -> None:
    codes = some(4_000)
    pools.add("club", codes, 100)  # ten times as many as expected
    keys = "cartwright:{summer}:pools"
    connection.run("grow_pool", [keys], ["club", 5, "*", KEY.fingerprint])
    assert connection.call("HGET", keys, "club:from") == b"0"
    assert found(pools, *codes) == codes
    assert pools.add("club", some(100, first=4_000), 100) == Added(100, 0)
    assert connection.call("HGET", keys, "club:from") is None
    assert found(pools, *codes, *some(100, first=4_000)) == [*codes, *some(100, first=4_000)]
    assert pools.pools()[0].codes == 4_100


def test_while_a_pool_grows_others_fill_it(pools: CouponPools, redis_url: str) -> None:
    codes = some(8_000)

    def fill(first: int) -> None:
        own = CouponPools(Connection(redis_url), "summer", KEY)
        for begin in range(first, 8_000, 1_000):
            own.add("club", codes[begin : begin + 250], 250)

    threads = [Thread(target=fill, args=(first,)) for first in range(0, 1_000, 250)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found(pools, *codes) == codes
    assert pools.pools()[0].codes == 8_000


def test_progress_is_told_and_what_was_added_stays(pools: CouponPools) -> None:
    told: list[int] = []

    def ending() -> Iterator[str]:
        yield from some(2 * BATCH + 500)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pools.add("club", ending(), 20_000, progress=told.append)
    assert told == [BATCH, BATCH]
    assert pools.add("club", some(2 * BATCH + 500), 2_500, progress=told.append) == Added(500, 2 * BATCH)
    assert told[2:] == [BATCH, BATCH, 500]


def test_a_server_that_is_killed_loses_nothing_it_acknowledged(redis_folder: Path) -> None:
    embedded = EmbeddedRedis(redis_folder)
    connection = Connection(embedded.url)
    told: list[int] = []

    def killing() -> Iterator[str]:
        yield from some(2 * BATCH + 500)
        crash(embedded, connection)
        yield from some(BATCH, first=2 * BATCH + 500)

    with pytest.raises(StoreUnavailable):
        CouponPools(connection, "summer", KEY).add("club", killing(), 3 * BATCH + 500, progress=told.append)
    again = EmbeddedRedis(redis_folder)
    pools = CouponPools(Connection(again.url), "summer", KEY)
    assert told == [BATCH, BATCH]
    assert found(pools, *some(2 * BATCH)) == some(2 * BATCH)
    assert pools.add("club", some(3 * BATCH + 500), 3 * BATCH + 500) == Added(BATCH + 500, 2 * BATCH)
    assert pools.pools()[0].codes == 3 * BATCH + 500
    again.stop()


@pytest.mark.parametrize(
    ("pool", "codes", "pattern"),
    [
        ("", ["A"], None),
        ("a:b", ["A"], None),
        ("club", [""], None),
        ("club", ["A", " B"], None),
        ("club", ["x" * 1_001], None),
        ("club", [PATTERN.code(1)[:-1] + "2"], PATTERN),
        ("club", ["MAIL-2222-2222-2222"], PATTERN),
    ],
)
def test_what_cannot_be_is_refused(pools: CouponPools, pool: str, codes: list[str], pattern: Pattern | None) -> None:
    with pytest.raises(InvalidCodes):
        pools.add(pool, codes, len(codes), pattern)


def test_what_is_in_redis_tells_no_code(pools: CouponPools, connection: Connection) -> None:
    codes = some(500)
    pools.add("club", codes, 500, PATTERN)
    pools.look_up(codes[:3], ["club"], "test")
    connection.call("HSET", "seen", "by", "the test")
    dumped = b"".join(connection.call("DUMP", key) + key for key in connection.scan("*"))
    assert b"the test" in dumped
    for code in codes:
        assert code[5:].encode() not in dumped
    stranger = CodeKey(bytes(32))
    assert {stranger.digest("summer", code) for code in codes}.isdisjoint(KEY.digest("summer", code) for code in codes)


def test_another_key_is_refused(pools: CouponPools, connection: Connection) -> None:
    pools.add("club", some(10), 10)
    others = CouponPools(connection, "summer", CodeKey(bytes(32)))
    for attempt in (
        lambda: others.add("club", some(10), 10),
        lambda: others.look_up(["A"], ["club"], "test"),
        lambda: others.pools(),
    ):
        with pytest.raises(InvalidCodeKey):
            attempt()
    CouponPools(connection, "winter", CodeKey(bytes(32))).add("club", some(10), 10)


def test_of_two_keys_at_once_one_is_refused(
    pools: CouponPools, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = CouponPools(connection, "summer", CodeKey(bytes(32)))
    monkeypatch.setattr(others, "_kept", dict)  # as it was before the first pool
    pools.add("club", some(10), 10)
    with pytest.raises(InvalidCodeKey):
        others.add("club", some(10), 10)


def test_a_mistyped_code_is_not_asked_for(pools: CouponPools, connection: Connection) -> None:
    (code,) = some(1)
    pools.add("club", [code], 1, PATTERN)
    mistyped = code[:-1] + ("2" if code[-1] != "2" else "3")
    assert found(pools, code) == [code]
    for _ in range(50):
        assert pools.look_up([mistyped], ["club"], "test") == LookUp(())
    assert list(connection.scan("*guesses*")) == []
    assert found(pools, code) == [code]


def test_a_pool_keeps_its_patterns_unless_told_otherwise(pools: CouponPools) -> None:
    second = Pattern("MAIL-####-####-####")
    pools.add("club", some(2), 2, PATTERN)
    assert pools.add("club", some(3), 3) == Added(1, 2)
    assert [each.patterns for each in pools.pools()] == [(PATTERN.text,)]
    with pytest.raises(
        InvalidCodes, match=r"^code 2, 'printed-1', does not match CLUB-####-####-####, or is mistyped; to"
    ):
        pools.add("club", [*some(1), "printed-1"], 2)
    pools.add("club", [second.code(1)], 1, second)
    assert pools.add("club", [second.code(2), *some(1)], 2) == Added(1, 1)
    assert [each.patterns for each in pools.pools()] == [(PATTERN.text, second.text)]
    with pytest.raises(InvalidCodes, match="does not match CLUB-####-####-#### or MAIL-####-####-####, or is mistyped"):
        pools.add("club", ["printed-1"], 1)
    assert pools.add("club", ["printed-1"], 1, any_form=True) == Added(1, 0)
    assert [each.patterns for each in pools.pools()] == [()]
    assert pools.add("club", ["printed-2"], 1) == Added(1, 0)


def test_a_pool_of_codes_of_any_kind_is_asked_for_all(pools: CouponPools) -> None:
    pools.add("club", some(2), 2, PATTERN)
    pools.add("club", ["printed-1"], 1, any_form=True)
    pools.add("mail", ["MAIL-1"], 1)
    assert [each.patterns for each in pools.pools()] == [(), ()]
    looked = pools.look_up(["printed-1", "MAIL-1", *some(1), "MAIL-1"], ["mail", "club"], "test")
    assert looked.facts == (available("printed-1"), available("MAIL-1", "mail"), available(*some(1)))


def test_of_a_code_in_two_pools_the_first_by_name_counts(pools: CouponPools) -> None:
    pools.add("club", ["A-1"], 1)
    pools.add("apple", ["A-1"], 1)
    assert pools.look_up(["A-1"], ["club", "apple"], "test").facts == (available("A-1", "apple"),)
    assert pools.look_up(["A-1"], ["club"], "test").facts == (available("A-1"),)


def reserve(redemptions: Redemptions, key: str, *takes: Take, cart_id: str = "c") -> object:
    return redemptions.reserve(Request(key, b"digest", cart_id, HOUR, takes, b"", (b"of", b"it")))


def test_codes_are_reserved_spent_and_given_back_with_counters(pools: CouponPools, connection: Connection) -> None:
    first, second = some(2)
    pools.add("club", [first, second], 2)
    redemptions = Redemptions(connection, "summer")
    redemptions.open()
    total = Take(Counter(Kind.TOTAL), "promotion", amount=1, most=1, kept=0)
    assert isinstance(reserve(redemptions, "k1", pools.take("club", first), total), Reservation)
    assert pools.look_up([first, second], ["club"], "test").facts == (spent(first), available(second))
    # Another cart gets neither the code nor, by another code, more than the limit: all or nothing.
    assert not isinstance(reserve(redemptions, "k2", pools.take("club", first), cart_id="d"), Reservation)
    assert not isinstance(reserve(redemptions, "k3", pools.take("club", second), total, cart_id="d"), Reservation)
    assert pools.look_up([second], ["club"], "test").facts == (available(second),)
    # Released, the code is available again; committed, it is spent for good.
    redemptions.release("k1")
    assert pools.look_up([first.lower()], ["club"], "test").facts == (available(first.lower()),)
    assert isinstance(reserve(redemptions, "k4", pools.take("club", first.lower()), cart_id="d"), Reservation)
    redemptions.commit("k4")
    assert pools.look_up([first, second], ["club"], "test").facts == (spent(first), available(second))
    assert [(each.codes, each.used) for each in pools.pools()] == [(2, 1)]


def test_what_the_cart_itself_has_reserved_is_available_to_it(pools: CouponPools, connection: Connection) -> None:
    (code,) = some(1)
    pools.add("club", [code], 1)
    redemptions = Redemptions(connection, "summer")
    redemptions.open()
    take = pools.take("club", code)
    reserve(redemptions, "k", take)
    held = {take.counter: {take.promotion_id: 1}}
    assert pools.look_up([code], ["club"], "test", held=held).facts == (available(code),)
    assert pools.look_up([code], ["club"], "test", held={}).facts == (spent(code),)


def test_guessing_is_throttled_for_who_guesses_only(pools: CouponPools, connection: Connection) -> None:
    (code,) = some(1)
    pools.add("club", [code], 1)
    throttle = Throttle(by_client=10, by_customer=4, seconds=600)

    def tried(codes: list[str], client: str, customer: str = "") -> LookUp:
        return pools.look_up(codes, ["club"], client, customer, throttle=throttle)

    unverified = CouponFact(code=code, state=CouponState.UNVERIFIED)
    for number in range(4):
        assert tried([f"guess-{number}"], "a", "mallory") == LookUp(())
    assert tried([code], "a", "mallory") == LookUp((unverified,), refused=True)
    assert tried([code], "b", "mallory") == LookUp((unverified,), refused=True)
    # Other customers of the client are unaffected until too many of them guess.
    assert tried([code], "a", "alice") == LookUp((available(code),))
    guesses = [f"guess-{number}" for number in range(5)]
    last = CouponFact(code="guess-4", state=CouponState.UNVERIFIED)
    assert tried([*guesses, code], "a", "trent") == LookUp((last, unverified), refused=True)
    assert tried([code, *guesses, "more"], "a", "alice").facts[0] == available(code)
    assert tried([code], "a", "alice") == LookUp((unverified,), refused=True)
    assert tried([code], "a") == LookUp((unverified,), refused=True)
    assert tried([code], "b", "bob") == LookUp((available(code),))
    # The time counts from the first guess.
    keys = sorted(connection.scan("*guesses*"))
    assert [int(connection.call("GET", key)) for key in keys] == [10, 2, 4, 4]
    for key in keys:
        assert 0 < connection.call("PTTL", key) <= 600_000
        connection.call("PEXPIRE", key, 0)
    assert tried([code], "a", "mallory") == LookUp((available(code),))


def test_a_redis_that_is_full_or_away_answers_nothing(pools: CouponPools, connection: Connection) -> None:
    pools.add("club", some(10), 10)
    connection.call("CONFIG", "SET", "maxmemory", 1)
    try:
        with pytest.raises(StoreFull):
            pools.add("club", some(10, first=10), 10)
        assert found(pools, *some(10)) == some(10)
    finally:
        connection.call("CONFIG", "SET", "maxmemory", 0)
    with pytest.raises(StoreUnavailable):
        CouponPools(Connection("redis://127.0.0.1:1", timeout=0.2), "summer", KEY).look_up(["A"], ["club"], "test")
