# Everything here is C: see selection.pxd.
