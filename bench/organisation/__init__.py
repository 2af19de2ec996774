"""The organisation the benchmarks run in: two blueprints, one grant with limits, four who act."""
