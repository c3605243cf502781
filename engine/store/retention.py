"""How long the store keeps ended reservations and receipts."""

from __future__ import annotations

DAY = 24 * 3_600_000
"""Milliseconds."""
RETENTION = 30 * DAY
"""Milliseconds for which the record of an ended reservation answers repeated calls."""
LEAST_DAYS = 31
"""Receipts are kept longer than those records, so that no key is forgotten before its record."""
