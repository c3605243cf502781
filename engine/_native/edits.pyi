# Everything here is C: see edits.pxd.
