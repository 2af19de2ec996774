"""Authority: who may decide what, up to which limit, on which paper."""
