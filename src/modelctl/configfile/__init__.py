"""A plain LiteLLM config file, as people write it by hand: read with places, includes merged, checked."""

from modelctl.configfile.read_config import ConfigFile, read_config

__all__ = ["ConfigFile", "read_config"]
