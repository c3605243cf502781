"""What Python asks of a program to count redemptions: engine/pricing/redemption.py."""

from engine._native.program cimport Rules

cdef tuple redeemables_of(const Rules* rules, tuple texts)
