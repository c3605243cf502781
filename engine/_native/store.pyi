# Everything here is C: see store.pxd.
