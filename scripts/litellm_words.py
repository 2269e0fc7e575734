"""Names that no reading of LiteLLM's source gives, or gives wrongly: each group was checked in the source by hand."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Sent on to the provider by design: what servers that speak OpenAI's protocol take beyond it, as vLLM, SGLang,
# llama.cpp, Ollama and OpenRouter document. LiteLLM's source does not name all of them.
PASSED_ON = words("""
    add_generation_prompt bad_words best_of chat_template chat_template_kwargs continue_final_message
    do_sample documents
    dynatemp_range enable_thinking extra_body extra_query grammar guided_choice guided_decoding_backend guided_grammar
    guided_json guided_regex include_reasoning include_stop_str_in_output json_schema keep_alive length_penalty min_p
    min_tokens mirostat mirostat_eta mirostat_tau mm_processor_kwargs models n_probs num_batch num_ctx num_gpu num_keep
    num_predict num_thread options plugins preset priority provider reasoning regex repeat_last_n repeat_penalty
    repetition_penalty route separate_reasoning skip_special_tokens spaces_between_special_tokens stop_token_ids
    structured_outputs tfs_z think thinking_budget top_a top_k transforms truncate_prompt_tokens typical_p
    use_beam_search usage verbosity
""")

# Words that the patterns for parameters of a call find, but read from other mappings; in litellm_params they are
# mistakes.
NOT_PARAMS = words("tpm_limit rpm_limit self mode")

# Arguments of completion() and its like that a config file cannot hold.
NOT_IN_A_FILE = words("client shared_session kwargs args request self")

# general_settings that the code puts together at run time.
COMPOSED = words("""
    disable_agents_for_internal_users disable_vector_stores_for_internal_users
    allow_agents_for_team_admins allow_vector_stores_for_team_admins
""")

# Variables of the module `litellm` that are tables and objects, no settings.
NO_SETTINGS = words("""
    model_list model_list_set model_cost model_cost_map_url models_by_provider provider_list langfuse
    openai_compatible_endpoints openai_compatible_providers openai_text_completion_compatible_providers litellm_mode
    initialized_langfuse_clients logging_callback_manager known_tokenizer_config module_level_client
    module_level_aclient request_timeout_explicitly_set
""")
NO_SETTINGS_END = ("_models", "_model_list", "Config", "_LITERAL", "_TYPES", "_PARAMS")

# What the proxy itself hands to the Router; earlier releases had no list of it.
NO_ROUTER_SETTINGS = words("""
    model_list assistants_config router_general_settings ignore_invalid_deployments fallback_access_check
""")

# Read from other mappings that ProxyConfig calls `config` too.
NO_SECTIONS = words("interval_hours force_reload LITELLM_MASTER_KEY")
LISTS = words("include guardrails prompts files_settings finetune_settings policy_attachments agents")
DICTS = words("mcp_servers environment_variables policies")

# What a client of OpenAI's API may set on a call, with the kinds that its reference gives.
OPENAI = {
    **dict.fromkeys(words("temperature top_p presence_penalty frequency_penalty"), "float"),
    **dict.fromkeys(words("n max_tokens max_completion_tokens seed top_logprobs"), "int"),
    **dict.fromkeys(words("stream logprobs parallel_tool_calls no-log"), "bool"),
    **dict.fromkeys(words("extra_headers default_headers extra_body logit_bias"), "dict"),
    **{"prompt_id": "str", "tags": "list", "guardrails": ""},
}

# The code takes more than it declares.
WIDER = (
    ("cache_params", "port", "int|str"),
    ("litellm_settings", "callbacks", "str|list"),
    ("router_settings", "alerting_config", "dict"),
    ("router_settings", "optional_pre_call_checks", "list"),
    ("router_settings", "routing_strategy", "str"),
    ("litellm_params (validated)", "drop_params", ""),  # anything else counts as unset
)
