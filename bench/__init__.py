"""How fast it is, and what it is measured with.

``make bench`` does all of it; while working on the core, in place and without the Makefile's .venv:

    python -m pytest bench -k "50 and 10000" -q -p no:xdist -o timeout=900 --benchmark-disable-gc \
        --benchmark-quiet --benchmark-json=build/bench/results.json
    python -m bench.report
"""
