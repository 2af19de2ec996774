"""Named tuples made from all their members at once.

A named tuple's own `__new__` is a function that takes each member apart and puts them together again. The write path
makes some thirty for every command, which took a tenth of it (sampled); made this way one takes half the time
(measured). What is lost is the check that there are as many members as the class has fields: `tests/test_tuples.py`
counts them in every call, so a call names its class and writes its members out.
"""

made = tuple.__new__
"""`made(Row, (first, second, ...))`: a `Row` of exactly these members, in the order of its fields, none left out."""
