"""Cartwright: a promotion and pricing engine that answers every change of a cart with one exact quote."""
