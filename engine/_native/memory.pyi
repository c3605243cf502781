# Everything here is C: see memory.pxd.
