# Everything here is inline: see rewards.pxd. As a module it shows Python the codes of outcomes.
"""What rewards share: their outcome, an offer, what it wants of a price, and how a grant is written down."""
