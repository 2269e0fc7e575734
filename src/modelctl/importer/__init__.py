"""A hand-written LiteLLM config, brought over: a catalog whose render means the same to LiteLLM.

    file -> configfile -> config, without plain secrets -> entries, aliases, chains, sections
                                                              `-> catalog files -> check -> what is refused is left out

Read `convert.py` first. Nothing is written before all of it is known to be right.
"""

from modelctl.importer.convert import bring_over
from modelctl.importer.fields import Field, Imported

__all__ = ["Field", "Imported", "bring_over"]
