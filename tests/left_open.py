"""What a failed test leaves open: its exception holds the frames, the frames hold connections, files and sockets.

They would be found whenever the exception is forgotten, as a warning that fails the test which then runs.
"""

import gc
import sys
import traceback
import warnings
from collections.abc import Iterable


def let_go(raised: Iterable[BaseException]) -> None:
    """Empty the frames of these exceptions, and of those they came from, without a word: the failure was told."""
    waiting, seen = list(raised), set[int]()
    if not waiting:
        return
    sys.last_value = sys.last_traceback = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        while waiting:
            error = waiting.pop()
            if id(error) not in seen:
                seen.add(id(error))
                traceback.clear_frames(error.__traceback__)
                waiting += [one for one in (error.__cause__, error.__context__) if one is not None]
        gc.collect()
