# Everything here is C: see shipping.pxd.
