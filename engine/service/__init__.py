"""The gRPC service: messages, servicer, errors, server."""

SERVICE = "engine.v1.PricingService"
ENGINE_TIME = "cartwright-engine-ns"
"""Trailing metadata: nanoseconds the engine took."""
