"""Made-up receipts, and sales as reserving and committing leaves them in Redis, for tests of later steps."""

from __future__ import annotations

from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.cart import Cart
from engine.pricing.quote import Gift, Share
from engine.pricing.returns import LineRefund, Refund, TakenBack
from engine.rules import compile
from engine.service.messages import cart_to_message
from engine.store.connection import Connection
from engine.store.counting import Counter, Counting, Granted, Kind, Redeemer
from engine.store.keys import RedemptionKeys, RuleSetKeys
from engine.store.receipts import Receipt, Redemption, ReturnReceipt, encode
from engine.store.redemptions import Redemptions, Request, Reservation
from tests.programs import checked

KEYS = RedemptionKeys("spring")


def receipt(key: str) -> Receipt:
    redemptions = (
        Redemption(
            "ten-off",
            "SÜMMER",
            "c1",
            1500,
            (
                (KEYS.counter(Counter(Kind.TOTAL, "2026-06")), "ten-off", 1),
                (KEYS.counter(Counter(Kind.SPENT, subject="USD")), "ten-off", 1500),
            ),
        ),
        Redemption("free", "", "", 0, ()),
    )
    return Receipt(key, "cart ✓", "spring", "ab" * 32, 3, 1_780_000_000_123_456_789, b"\x00\xff", b"\x0a", redemptions)


def returned(key: str, receipt_key: str) -> ReturnReceipt:
    gift = Gift("pens", "", 2, ("PEN", "PENCIL"))
    taken = TakenBack("ten-off", 5, 6, 7, None, True), TakenBack("pens", 0, 0, 0, gift, False)
    lines = LineRefund("a", "BOOT", 1, 500, 400), LineRefund("b", "BELT", 0, 0, 3)
    refund = Refund(lines, (Share("p", 7),), 410, 2, taken, False)
    return ReturnReceipt(key, receipt_key, "cart ✓", "spring", "ab" * 32, "USD", (("a", 1),), refund, b"\x0a\x00")


class Till:
    """Sells under one rule set, for which counting has been opened."""

    def __init__(self, connection: Connection, rules: str) -> None:
        artifact = compile(checked(rules))
        self.program = Program.load(artifact)
        self.session = Session(self.program)
        self.redemptions = Redemptions(connection, self.program.name)
        self._counting = Counting(self.program)
        self.redemptions.open()
        connection.call("SET", RuleSetKeys.artifact(self.program.version), artifact)

    def sell(self, key: str, cart: Cart) -> Receipt:
        assert self.session.load_bytes(cart_to_message(cart).SerializeToString(), 0)
        self.session.evaluate()
        quote = self.session.quote()
        granted = [Granted(each.promotion_id, each.coupon, each.amount + each.credit) for each in quote.adjustments]
        customer = "" if cart.customer is None else cart.customer.id
        takes = self._counting.takes(Redeemer(cart.id, cart.currency, cart.at, customer, cart.coupons), granted)
        redemptions = (
            Redemption(
                each.promotion_id,
                each.coupon,
                customer,
                each.money,
                tuple(
                    (self.redemptions.keys.counter(take.counter), take.promotion_id, take.amount)
                    for take in takes.get(each.promotion_id, ())
                ),
            )
            for each in granted
        )
        receipt = Receipt(
            key=key,
            cart_id=cart.id,
            rule_set=self.program.name,
            version=self.program.version,
            revision=0,
            at=cart.at,
            cart=self.session.cart_bytes(),
            quote=self.session.quote_bytes(),
            redemptions=tuple(each for each in redemptions if each.counters or each.code),
        )
        taken = [take for each in takes.values() for take in each]
        request = Request(key, b"", cart.id, 60_000, taken, receipt.quote, encode(receipt))
        assert isinstance(self.redemptions.reserve(request), Reservation)
        self.redemptions.commit(key)
        return receipt
