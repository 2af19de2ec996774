"""Purchase requisitions: budget first, limits of one and of a month, and orders that are split are told."""
