# Everything here is C: see proportion.pxd.
