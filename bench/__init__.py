"""How fast pricing is, and the tools that measure it.

``make bench`` runs all of it. While working on the core, in place and without the .venv of the Makefile:

    python -m pytest bench -k "50 and 10000" -q -p no:xdist -o timeout=900 --benchmark-disable-gc \
        --benchmark-quiet --benchmark-json=build/bench/results.json
    python -m bench.report
"""
