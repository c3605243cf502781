# Everything here is inline: see texts.pxd.
