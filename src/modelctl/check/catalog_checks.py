"""Whether a catalog's parts fit together: names that are meant exist, secrets are references.

What a LiteLLM config file can have wrong too is looked for by `rules`; here is what only a catalog has. `of_provider`
looks at one provider for itself (its result is kept), `of_catalog` across the whole.
"""

from modelctl.check.catalog_names import Tallies
from modelctl.check.of_catalog import of_catalog
from modelctl.check.of_provider import Clean, of_provider

__all__ = ["Clean", "Tallies", "of_catalog", "of_provider"]
