"""The client of the service: carts in, quotes out, rule sets published, errors as the exceptions they were."""

from engine.client.client import PricingClient
from engine.client.reservations import QuoteChanged, Reserved
from engine.client.rule_sets import RuleSetClient
from engine.client.session import CartSession
from engine.client.stream import PricingStream

__all__ = ["CartSession", "PricingClient", "PricingStream", "QuoteChanged", "Reserved", "RuleSetClient"]
