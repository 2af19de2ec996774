"""The garbage collector of a process that makes many values and hardly a cycle: a writer, a verifier.

A batch or a page holds tens of thousands of containers for a moment; they go by reference count. Collecting every 700
allocations only looks at them again and again: a tenth to a fifth of an append (measured, both in the same run).
"""

import gc

YOUNG = 50_000  # containers made between two looks: about one full batch
OLDER = (20, 100)


def relax() -> None:
    """Look for cycles seldom, and never again among what the process has loaded so far."""
    gc.freeze()
    gc.set_threshold(YOUNG, *OLDER)
