# Everything here is C: see whole_lines.pxd.
