"""A plain LiteLLM config file, as people write it by hand: read with places, includes merged, checked."""

from modelctl.configfile.read import ConfigFile, read_config

__all__ = ["ConfigFile", "read_config"]
