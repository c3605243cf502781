# Everything here is C: see buy_get.pxd.
