"""Settings that LiteLLM's database holds may stop to count (since LiteLLM 1.110.0).

With `store_model_in_db` LiteLLM read any `general_settings` key that its database held, also those that an earlier
version had written there. Since 1.110.0 only keys that its settings API manages are read from the database. Look at
what `/config/list?config_type=general_settings` shows before the upgrade, and write what is still wanted into the file.

Before:

    general_settings:
      store_model_in_db: true

After (where `enforce_user_param` was stored):

    general_settings:
      store_model_in_db: true
      enforce_user_param: true
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "info"
SINCE = "1.110.0"


def whole(subject: Subject) -> Iterator[Found]:
    if subject.section("general_settings").get("store_model_in_db") is True:
        text = f"since LiteLLM {SINCE} general settings in the database count only where its settings API manages them"
        yield Found(
            text, subject.at("general_settings", "store_model_in_db"), "write those that are wanted into the file"
        )
