"""The checkout's side of the service: carts and mutations in, quotes out, errors as the exceptions they were."""

from engine.client.client import PricingClient
from engine.client.session import CartSession
from engine.client.stream import PricingStream

__all__ = ["CartSession", "PricingClient", "PricingStream"]
