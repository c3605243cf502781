"""The quote: the one answer to a cart. Money is in minor units of the cart's currency.

Named tuples, because a quote has many parts and a tuple is made in a fraction of the time of a frozen dataclass.
"""

from __future__ import annotations

from typing import NamedTuple


class Bucket(NamedTuple):
    """``quantity`` units at ``price`` each."""

    price: int
    quantity: int


class QuotedLine(NamedTuple):
    """``merchandise`` is before any discount, ``subtotal`` after; buckets (dearest first, prices differ) sum to it."""

    id: str
    sku: str
    quantity: int
    merchandise: int
    subtotal: int
    buckets: tuple[Bucket, ...]


class QuotedShipment(NamedTuple):
    """``price`` is the chosen rate's price as sent (0 when none is chosen), ``charge`` what is left of it."""

    id: str
    method: str
    price: int
    charge: int


class Share(NamedTuple):
    """The part of an adjustment carried by one line or one shipment; ``amount`` > 0 is money off."""

    id: str
    amount: int


class Adjustment(NamedTuple):
    """What one promotion granted: ``amount`` > 0, the sum of its shares.

    Shares are by id, of lines in a goods layer, of shipments in a shipping layer. ``ungranted`` is what the promotion
    wanted beyond that and nothing could take; MAX_AMOUNT stands for that and more.
    """

    promotion_id: str
    promotion_name: str
    amount: int
    ungranted: int
    shares: tuple[Share, ...]


class QuotedLayer(NamedTuple):
    """Adjustments in the order granted; ``subtotal`` (goods) and ``shipping`` are what the layer left."""

    name: str
    kind: str
    adjustments: tuple[Adjustment, ...]
    subtotal: int
    shipping: int


class Quote(NamedTuple):
    """``total`` is ``subtotal`` plus ``shipping``; ``valid_until`` is in seconds, ``at`` in nanoseconds since 1970."""

    cart_id: str
    rule_set: str
    rule_set_version: str
    currency: str
    at: int
    valid_until: int | None
    lines: tuple[QuotedLine, ...]
    shipments: tuple[QuotedShipment, ...]
    layers: tuple[QuotedLayer, ...]
    merchandise: int
    subtotal: int
    shipping_price: int
    shipping: int
    total: int
