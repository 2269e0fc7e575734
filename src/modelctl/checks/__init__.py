"""Whether a catalog's parts fit together: names that are meant exist, secrets are references.

What a LiteLLM config file can have wrong too is looked for by `rules`; here is what only a catalog has. `of_provider`
looks at one provider for itself (its result is kept), `of_catalog` across the whole.
"""

from modelctl.checks.names import Tallies
from modelctl.checks.provider import Clean, of_provider
from modelctl.checks.references import of_catalog

__all__ = ["Clean", "Tallies", "of_catalog", "of_provider"]
