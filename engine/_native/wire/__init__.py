"""The protobuf wire format: carts and mutations are read from it, quotes are written to it."""
