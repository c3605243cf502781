# Everything here is C: see goods.pxd.
