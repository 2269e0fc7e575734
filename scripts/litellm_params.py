"""What one entry of the model list may hold: its litellm_params and its model_info."""

from __future__ import annotations

import ast
import re

from litellm_fields import Fields, class_fields, exact_kinds, parameters, reads, strings, widened
from litellm_source import MAP, PROXY, Source
from litellm_words import NOT_IN_A_FILE, NOT_PARAMS, OPENAI, PASSED_ON, words

OPTIONS = "litellm/types/litellm_params.py"
TYPES = ("litellm/types/router.py", "litellm/types/utils.py")
CALLS = words("""
    completion text_completion embedding image_generation image_edit image_variation transcription speech moderation
    rerank responses aresponses anthropic_messages search ocr video_generation avideo_generation
""")
CALL_FILES = (
    "litellm/main.py",
    "litellm/images/main.py",
    "litellm/rerank_api/main.py",
    "litellm/responses/main.py",
    "litellm/videos/main.py",
    "litellm/ocr/main.py",
)


def litellm_params(source: Source) -> Fields:
    found: Fields = {}
    for path in CALL_FILES:
        for call in sorted(CALLS):
            found = widened(found, parameters(source, path, call))
    found |= class_fields(source, [OPTIONS], *_option_groups(source))
    found |= dict.fromkeys(strings(source, "litellm/constants.py", "DEFAULT_CHAT_COMPLETION_PARAM_VALUES"), "")
    found |= class_fields(source, ["litellm/types/utils.py"], "StandardCallbackDynamicParams")
    found |= class_fields(source, TYPES, "LiteLLMParamsTypedDict", "LiteLLM_Params")
    return {name: kind for name, kind in found.items() if name not in NOT_IN_A_FILE} | OPENAI


def _option_groups(source: Source) -> list[str]:
    names = [node.name for node in source.tree(OPTIONS).body if isinstance(node, ast.ClassDef)]
    return [name for name in names if name.endswith(("Options", "Connection")) and name != "LiteLLMOptions"]


SDK_NOT = ("litellm/proxy/", "litellm/integrations/", "litellm/types/proxy", "litellm/types/integrations")


# Mappings of a call's parameters as the code names them, surely and less surely.
SURELY = "_?litellm_params(?:_dict)?|optional_params|non_default_params|_?kwargs"
LIKELY = (
    "new_kwargs|completion_kwargs|initial_kwargs|params|inference_params|mapped_params|azure_client_params|default_params|"
    "passed_params|model_params|generation_params|special_params|additional_request_params|optional_rerank_params|"
    "extra_body|deployment|credentials"
)
METHOD = re.compile(
    r"def (?:get_supported|_?supported|\w*params)\w*\([^)]*\)[^:]*:(.*?)(?=\n    def |\nclass |\Z)", re.DOTALL
)
ARGUMENT = re.compile(r"^    (?:    )?(\w+): [^=\n]+= None,?$", re.MULTILINE)
FIELD = re.compile(r"^    (\w+): [^=\n]+$", re.MULTILINE)


def litellm_params_read(source: Source) -> set[str]:
    """Whatever the code that calls providers reads from the parameters of a call, and what their requests may hold."""
    sdk = tuple(path for path, _ in source.walk("litellm/") if not path.startswith(SDK_NOT))
    surely = reads(source, SURELY, *sdk) | reads(source, "_?litellm_params(?:_dict)?", *PROXY)
    found = reads(source, LIKELY, *sdk)
    for _, text in source.walk("litellm/llms/"):
        found |= set(ARGUMENT.findall(text))
        found |= {name for body in METHOD.findall(text) for name in re.findall(r"\"([a-z]\w+)\"", body)}
    for _, text in source.walk("litellm/types/llms/"):
        found |= set(FIELD.findall(text))
    found |= set(strings(source, "litellm/types/utils.py", "all_litellm_params"))
    found = surely | (found - typed_model_info(source).keys()) | PASSED_ON
    return {name for name in found if not name.startswith("_") and name not in NOT_PARAMS}


def model_info(source: Source) -> Fields:
    found = {name: "" for entry in source.data(MAP).values() for name in entry}
    found |= dict.fromkeys(reads(source, "_?model_info|mi_dict", "litellm/"), "")
    looked_up = re.compile(r"model_info\"(?:, \{\}|, None)?\)?(?: or \{\})?\)?\.get\(\"(\w+)\"")
    for _, text in source.walk("litellm/"):
        found |= dict.fromkeys(looked_up.findall(text), "")
    return found | typed_model_info(source)


def validated(source: Source) -> dict[str, Fields]:
    """What LiteLLM validates when it makes a deployment: an entry in which one of these does not fit is dropped."""
    params = class_fields(source, TYPES, "LiteLLM_Params", read=exact_kinds)
    info = class_fields(source, ["litellm/types/utils.py"], "MirroredPricingParams", read=exact_kinds)
    info |= class_fields(source, ["litellm/types/router.py"], "ModelInfo", read=exact_kinds)
    return {"litellm_params (validated)": params, "model_info (validated)": info}


def typed_model_info(source: Source) -> Fields:
    shown = class_fields(source, ["litellm/types/utils.py"], "ModelInfoBase", "ModelInfo")
    return shown | class_fields(source, ["litellm/types/router.py"], "MirroredPricingParams", "ModelInfo")
