# Everything here is C: see verify.pxd.
