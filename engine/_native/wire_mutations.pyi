# Everything here is C: see wire_mutations.pxd.
