# Everything here is C: see ordering.pxd.
