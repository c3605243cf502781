# Everything here is C: see sharing.pxd.
