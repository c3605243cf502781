"""Lua scripts, which Redis runs one at a time; a package, so that they are installed with the others."""
