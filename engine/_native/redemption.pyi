# Everything here is C: see redemption.pxd.
