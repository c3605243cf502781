"""The language of conditions: from a text to a typed expression (docs/pricing.md §4)."""
