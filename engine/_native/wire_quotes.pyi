# Everything here is C: see wire_quotes.pxd.
