# Everything here is C: see schedules.pxd.
