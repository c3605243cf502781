# Everything here is C: see layers.pxd.
