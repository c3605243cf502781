# Everything here is C: see wire_writing.pxd.
