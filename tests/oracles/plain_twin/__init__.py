"""The plain twin: the rules of docs/ODD.md once more, in the most obvious style of Mesa: objects, dicts and loops.

It was written from the ODD, the declared tables of levers and parameters and the form of a `World`, not from the phases
of `abm.model`, so that two mistakes have to be made alike to be missed. It is slow on purpose, and no other code uses it.
"""

from tests.oracles.plain_twin.model import PlainModel

__all__ = ["PlainModel"]
