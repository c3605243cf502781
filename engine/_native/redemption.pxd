"""What Python asks of a program to count redemptions: engine/pricing/redemption.py."""

from libc.stdint cimport int64_t

from engine._native.program cimport Rules

cdef tuple redeemables_of(const Rules* rules, tuple texts)
cdef object returns_of(const Rules* rules)
cdef str period_of(const Rules* rules, object period, int64_t second)
