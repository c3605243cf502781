# Everything here is C: see runs.pxd.
