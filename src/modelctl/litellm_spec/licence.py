"""What LiteLLM does not start with unless it has an enterprise licence (`LITELLM_LICENSE`)."""

from __future__ import annotations

VARIABLE = "LITELLM_LICENSE"
GENERAL_SETTINGS = ("allowed_ips", "enforced_params")
SECRET_MANAGERS = ("cyberark", "google_secret_manager", "hashicorp_vault")
CALLBACKS = frozenset(
    {
        "llamaguard_moderations", "hide_secrets", "openai_moderations", "google_text_moderation",
        "llmguard_moderations", "blocked_user_check", "banned_keywords",
    }
)  # fmt: skip
