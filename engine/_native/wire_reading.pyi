# Everything here is C: see wire_reading.pxd.
