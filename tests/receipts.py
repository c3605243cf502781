"""Sales as a commit leaves them in Redis, for tests of what comes after."""

from __future__ import annotations

from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.cart import Cart
from engine.rules import compile
from engine.service.messages import cart_to_message
from engine.store.connection import Connection
from engine.store.keys import RedemptionKeys, RuleSetKeys
from engine.store.receipts import Receipt, Redemption, encode
from tests.conftest import checked


class Till:
    """Sells under one rule set and writes the receipts."""

    def __init__(self, connection: Connection, rules: str) -> None:
        self.artifact = compile(checked(rules))
        self.program = Program.load(self.artifact)
        self.session = Session(self.program)
        self._connection = connection
        self._keys = RedemptionKeys(self.program.name)
        connection.call("SET", RuleSetKeys.artifact(self.program.version), self.artifact)

    def receipt(self, key: str, cart: Cart) -> Receipt:
        assert self.session.load_bytes(cart_to_message(cart).SerializeToString(), 0)
        self.session.evaluate()
        quote = self.session.quote()
        granted = (each for layer in quote.layers for each in layer.adjustments)
        return Receipt(
            key=key,
            cart_id=cart.id,
            rule_set=self.program.name,
            version=self.program.version,
            revision=0,
            at=cart.at,
            cart=self.session.cart_bytes(),
            quote=self.session.quote_bytes(),
            redemptions=tuple(
                Redemption(each.promotion_id, each.coupon, "", each.amount + each.credit, ()) for each in granted
            ),
        )

    def sell(self, key: str, cart: Cart) -> Receipt:
        receipt = self.receipt(key, cart)
        id = self._connection.call("XADD", self._keys.receipts, "*", *encode(receipt))
        self._connection.call("HSET", self._keys.receipt_ids, key, id)
        return receipt
