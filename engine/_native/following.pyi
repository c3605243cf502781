# Everything here is C: see following.pxd.
