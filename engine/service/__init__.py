"""The gRPC service: messages, servicer, errors, server."""

SERVICE = "engine.v1.PricingService"
REDEMPTION_SERVICE = "engine.v1.RedemptionService"
RULE_SET_SERVICE = "engine.v1.RuleSetService"
ENGINE_TIME = "cartwright-engine-ns"
"""Metadata of a call; any value asks for trailing metadata of this name: the nanoseconds the engine took."""
CLIENT = "cartwright-client"
"""Metadata of a call: the shopper's address, or another name by which guesses of coupon codes are counted."""
