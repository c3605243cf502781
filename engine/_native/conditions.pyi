# Everything here is C: see conditions.pxd.
