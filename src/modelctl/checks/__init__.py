"""Whether a catalog's parts fit together: names that are meant exist, secrets are references.

`of_provider` looks at one provider for itself (its result is kept with the part); `References` looks
across the whole. Each problem's rule is a kebab-case id.
"""

from modelctl.checks.provider import of_provider
from modelctl.checks.references import References

__all__ = ["References", "of_provider"]
