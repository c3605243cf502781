# Everything here is C: see compatibility.pxd.
