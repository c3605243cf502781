# Everything here is C: see bundle.pxd.
