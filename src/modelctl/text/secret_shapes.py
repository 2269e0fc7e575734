"""What a secret looks like wherever it stands: one table, for what check finds and for what is redacted."""

from __future__ import annotations

import re

_TOKENS = (
    r"(?:sk|pk|rk)[-_][\w-]{16,}",  # OpenAI, Anthropic, Stripe, Langfuse and many more
    r"xai-[\w-]{16,}",
    r"gsk_\w{20,}",
    r"hf_\w{20,}",
    r"AIza[\w-]{30,}",
    r"gh[pousr]_[A-Za-z0-9]{20,}",
    r"github_pat_\w{20,}",
    r"glpat-[\w-]{16,}",
    r"xox[abeprs]-[A-Za-z0-9-]{10,}",
    r"(?:AKIA|ASIA)[A-Z0-9]{16}",
    r"nvapi-[\w-]{20,}",
    r"(?:pplx|tvly)-[\w-]{20,}",
    r"r8_\w{30,}",
    r"lsv2_\w{20,}",
    r"ya29\.[\w-]{20,}",
    r"SG\.[\w-]{16,}\.[\w-]{16,}",
    r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",  # a JWT
)
_CUT_SHORT = r"(?:sk|pk|rk|gsk|xai|AIza|gh[pousr]|hf|xox[abeprs])[-_][\w-]{8,}"  # as logs shorten them
TOKEN = re.compile(rf"(?<![\w/.-])(?:{'|'.join(_TOKENS)})")
REDACTED_TOKEN = re.compile(rf"\b(?:{'|'.join((*_TOKENS, _CUT_SHORT))})")
LONG_BEARER = re.compile(r"\bBearer\s+(?=\S*\d)[\w.~+/=-]{20,}")
BEARER = re.compile(r"\bBearer\s+(?!os\.environ/|\$|\{)[\w.~+/=-]{8,}", re.IGNORECASE)
PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----)?")
URL_PASSWORD = re.compile(r"(?<=://)[^/\s:@]*:[^@\s/]+@")

URL_QUERY = re.compile(
    r"(?<=[?&])(?:api[-_]?key|key|(?:access[-_]?)?token|secret|sig|code|password)=(?!os\.environ/|\$|\{)[^&\s#\"']{8,}"
)
WEBHOOK = re.compile(  # who knows the address may post
    r"(?<=://)(?:hooks\.slack\.com/(?:services|workflows)/[A-Z0-9]{3,}/[A-Z0-9]{3,}/\w{8,}"
    r"|discord(?:app)?\.com/api/webhooks/\d+/[\w-]{8,}|[\w-]+\.webhook\.office\.com/webhookb2/[\w@-]{8,}\S*)"
)


def looks_secret(text: str) -> bool:
    return any(pattern.search(text) for pattern in (TOKEN, PEM, URL_PASSWORD, URL_QUERY, LONG_BEARER, WEBHOOK))


def redacted(text: str) -> str:
    """The text with `***` in place of what looks like a secret."""
    for pattern in (PEM, BEARER, URL_PASSWORD, URL_QUERY, WEBHOOK, REDACTED_TOKEN):
        text = pattern.sub("***@" if pattern is URL_PASSWORD else "***", text)
    return text
