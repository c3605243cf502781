# Everything here is C: see loading.pxd.
