# Everything here is C: see different.pxd.
