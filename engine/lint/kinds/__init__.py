"""The kinds of finding, a module for each family."""
