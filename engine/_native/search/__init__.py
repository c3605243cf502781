"""The best set of promotions, and how it is proven (docs/search.md)."""
