"""What check calls a start that fails does fail in LiteLLM's own loader, and what it lets pass does not."""

from __future__ import annotations

import pytest
import yaml

from modelctl.check.rules.needed_variable import LISTS
from modelctl.configfile.check_file import check_config
from modelctl.errors import Problem
from support.litellm_loader import KNOWN, Outcome, outcomes
from support.rule_cases import TODAY

pytestmark = pytest.mark.boots
HEAD = "model_list:\n  - model_name: main\n    litellm_params: {model: openai/gpt-6-luna, api_key: os.environ/SET}\n"
OWN = """\
from litellm.integrations.custom_guardrail import CustomGuardrail

class MyGuardrail(CustomGuardrail): ...

handler = MyGuardrail(guardrail_name="own")

def user_api_key_auth(): ...
"""
WORDS = """\
guardrails:
  - guardrail_name: words
    litellm_params: {guardrail: openai_moderation, mode: pre_call, api_key: os.environ/SET}
"""
GUARD = "guardrails: [{guardrail_name: g, litellm_params: %s}]"
MCP = "mcp_servers: {docs: %s}"
CACHE = "litellm_settings: {cache: true, cache_params: %s}"
ENTRY = "model_list: [{model_name: main, litellm_params: {api_key: os.environ/SET, %s}}]"
LITELLM, GENERAL, ROUTER = "litellm_settings: {%s}", "general_settings: {%s}", "router_settings: {%s}"
POLICY = WORDS + "policies: {p: %s}\npolicy_attachments: [{policy: p, scope: '*'}]"
ATTACHED = "policies: {p: {description: x}}\npolicy_attachments: [%s]"
PROMPT = "prompts: [{prompt_id: a, litellm_params: %s}]"
AGENT = "agents: [%s]"
CARD = "agent_card_params: {name: a}"
STORE = "vector_store_registry: [%s]"
ENDS = [
    "guardrails: {pii: 1}",
    "guardrails: [{guardrail_name: g}]",
    "guardrails: [words]",
    MCP % "{url: 'http://x/mcp', transport: https}",
    MCP % "{url: 'http://x/mcp', auth_type: bearer}",
    MCP % "words",
    "mcp_servers: {a-b: {url: 'http://x/mcp'}}",
    "credential_list: [{credential_name: a, api_key: b}]",
    "credential_list: [{credential_name: a, credential_values: {}}]",
    "credential_list: {a: b}",
    LITELLM % "callbacks: [promethus]",
    LITELLM % "callbacks: prometheus",
    LITELLM % "default_team_settings: [{success_callback: [langfuse]}]",
    LITELLM % "upperbound_key_generate_params: {max_budget: much}",
    LITELLM % "upperbound_key_generate_params: {rpm_limit: 1.5}",
    LITELLM % "upperbound_key_generate_params: {duration: 30}",
    LITELLM % "upperbound_key_generate_params: 100",
    LITELLM % "max_budget: much",
    LITELLM % "max_budget: null",
    LITELLM % "max_internal_user_budget: some",
    LITELLM % "default_max_internal_user_budget: some",
    LITELLM % "max_ui_session_budget: some",
    LITELLM % "default_internal_user_params: {max_budget: some}",
    LITELLM % "success_callback: 5",
    LITELLM % "failure_callback: true",
    LITELLM % "key_alias_pattern: 'a('",
    LITELLM % "key_alias_pattern: 5",
    LITELLM % "budget_reset_time: 12:00",
    LITELLM % "budget_reset_time: noon",
    LITELLM % "post_call_rules: rules",
    LITELLM % "responses: [background]",
    LITELLM % "priority_reservation_settings: [prod]",
    LITELLM % "model_group_settings: {forward_client_headers_to_llm_api: main}",
    LITELLM % "custom_provider_map: [{provider: mine}]",
    LITELLM % "prometheus_deployment_and_latency_caller_identity: email",
    ROUTER % "health_check_interval: 300",
    ROUTER % "health_check_concurrency: 3",
    GENERAL % "master_key: 123456789",
    GENERAL % "custom_auth: my_auth",
    GENERAL % "custom_key_generate: make",
    GENERAL % "user_api_key_cache_ttl: soon",
    GENERAL % "user_api_key_cache_max_size: 0",
    GENERAL % "background_health_check_model_groups: main",
    GENERAL % "pass_through_endpoints: [{target: 'http://x'}]",
    GENERAL % "pass_through_endpoints: [words]",
    GENERAL % "spend_logs_metadata_fields: {include: [user_api_key], exclude: [user_api_key_alias]}",
    GENERAL % "allowed_ips: [10.0.0.1]",
    GENERAL % "enforced_params: [user]",
    GENERAL % "key_management_system: vault",
    GENERAL % "key_management_system: local",
    GENERAL % "key_management_system: custom",
    GENERAL % "key_management_settings: {access_mode: read}",
    GENERAL % "key_management_settings: {hosted_keys: OPENAI_API_KEY}",
    GENERAL % "key_management_settings: {tags: [team]}",
    GENERAL % "key_management_settings: {replica_regions: eu-west-1}",
    GENERAL % "key_management_settings: read_only",
    "worker_registry: [{worker_id: a, name: a, url: 'http://x'}]",
    "finetune_settings: {custom_llm_provider: openai}",
    "files_settings: {custom_llm_provider: openai}",
    "assistant_settings: {custom_llm_provider: openai}",
    "default_vertex_config: [a]",
    POLICY % "[words]",
    POLICY % "{guardrails: {add: words}}",
    POLICY % "{guardrails: {add: [wrods]}}",
    POLICY % "{guardrails: {remove: words}}",
    POLICY % "{guardrails: words}",
    POLICY % "{inherit: nobody}",
    POLICY % "{inherit: p}",
    POLICY % "{condition: main}",
    POLICY % "{condition: {model: 5}}",
    POLICY % "{pipeline: {mode: pre_call}}",
    POLICY % "{pipeline: {steps: []}}",
    POLICY % "{guardrails: {add: [words]}, pipeline: {mode: during_call, steps: [{guardrail: words}]}}",
    POLICY % "{guardrails: {add: [words]}, pipeline: {steps: [{guardrail: words, on_fail: stop}]}}",
    POLICY % "{guardrails: {add: [words]}, pipeline: {steps: [{guardrail: words, when: now}]}}",
    POLICY % "{pipeline: {steps: [{guardrail: words}]}}",
    "policies: [p]",
    ATTACHED % "{policy: p, teams: sales}",
    ATTACHED % "{policy: p, priority: first}",
    ATTACHED % "{policy: p, scope: [all]}",
    ATTACHED % "{policy: [p]}",
    ATTACHED % "{policy: p, default: [x]}",
    ATTACHED % "p",
    "prompts: {a: b}",
    "prompts: [words]",
    "prompts: [{prompt_id: a}]",
    "prompts: [{litellm_params: {prompt_integration: dotprompt}}]",
    PROMPT % "{prompt_integration: git}",
    PROMPT % "{prompt_integration: langfuse}",
    PROMPT % "{prompt_integration: gitlab}",
    PROMPT % "{prompt_integration: bitbucket}",
    PROMPT % "{prompt_integration: generic_prompt_management}",
    PROMPT % "{prompt_integration: dotprompt, prompt_directory: ./prompts}",
    PROMPT % "{}",
    AGENT % "words",
    AGENT % f"{{agent_name: 7, {CARD}}}",
    AGENT % "{agent_name: a, agent_card_params: words}",
    AGENT % f"{{agent_name: a, agent_id: b, {CARD}}}",
    AGENT % f"{{agent_name: a, rpm_limit: many, {CARD}}}",
    STORE % "words",
    STORE % "{vector_store_name: a, vector_store_id: b}",
    STORE % "{litellm_params: {vector_store_id: b}}",
    STORE % "{litellm_params: {custom_llm_provider: openai}}",
    "search_tools: [words]",
    "search_tools: [{search_tool_name: a, litellm_params: tavily}]",
    "search_tools: [{search_tool_name: a, litellm_params: null}]",
    "sandbox_tools: [{sandbox_tool_name: a, litellm_params: e2b}]",
    "mcp_tools: [words]",
    "mcp_tools: [{name: a, description: b, handler: add}]",
    "mcp_tools: [{name: a, description: b, handler: my_module.user_api_key_auth, input_schema: words}]",
    "mcp_tools: [{name: a, description: 5, handler: my_module.user_api_key_auth}]",
    CACHE % "{type: in-memory}",
    CACHE % "{type: redis-cluster}",
    CACHE % "[redis]",
    CACHE % "null",
    CACHE % "{type: local, semantic_cache_scope: team}",
    CACHE % "{type: redis, redis_startup_nodes: x}",
    CACHE % "{type: redis-semantic, redis_url: 'redis://x'}",
    CACHE % "{type: qdrant-semantic, qdrant_api_base: 'http://x', similarity_threshold: 0.8}",
    CACHE % "{type: qdrant-semantic, qdrant_api_base: 'http://x', qdrant_collection_name: a}",
    CACHE % "{type: azure-blob}",
    MCP % "{url: 5}",
    MCP % "{url: 'http://x', args: a}",
    MCP % "{transport: stdio, command: npx, args: 'a b'}",
    MCP % "{transport: stdio, command: npx, args: [5]}",
    MCP % "{transport: stdio, command: npx, env: [A]}",
    MCP % "{transport: stdio, command: npx, env: {A: 5}}",
    MCP % "{transport: stdio, command: [npx, a]}",
    MCP % "{url: 'http://x', auth_type: oauth2}",
    MCP % "{url: 'http://x', auth_type: oauth2, oauth2_flow: implicit}",
    MCP % "{url: 'http://x', dcr_bridge: true}",
    MCP % "{url: 'http://x', dcr_bridge: 'yes'}",
    MCP % "{url: 'http://x', per_server_oauth_discovery: x}",
    MCP % "{url: 'http://x', server_id: 5}",
    MCP % "{url: 'http://x', server_id: ' '}",
    MCP % "{url: 'http://x', protocol_version: '2020-01-01'}",
    MCP % "{url: 'http://x', allowed_tools: a}",
    MCP % "{url: 'http://x', extra_headers: {a: b}}",
    MCP % "{url: 'http://x', static_headers: [a]}",
    MCP % "{url: 'http://x', access_groups: a}",
    MCP % "{url: 'http://x', mcp_info: words}",
    MCP % "{url: 'http://x', timeout: soon}",
    MCP % "{url: 'http://x', rpm: many}",
    MCP % "{url: 'http://x', auth_value: 5}",
    MCP % "{url: 'http://x', allowed_params: {a: b}}",
    MCP % "{url: 'http://x', alias: 5}",
    MCP % "{url: 'http://x', env_vars: [a]}",
    MCP % "{url: 'http://x', instructions: 5}",
    MCP % "{url: 'http://x', token_validation: x}",
    "mcp_servers: {a: {url: 'http://x', server_id: b}, b: {url: 'http://y'}}",
    "mcp_servers: {a: {url: 'http://x', server_id: q}, b: {url: 'http://y', server_id: q}}",
    "litellm_settings: null\nmcp_servers: {a: {url: 'http://x'}}",
    "litellm_settings: {mcp_aliases: [a]}\nmcp_servers: {a: {url: 'http://x'}}",
    GUARD % "{guardrail: aim, mode: pre_call}",
    GUARD % "{guardrail: guardrails_ai, mode: pre_call}",
    GUARD % "{guardrail: presidio, mode: pre_call}",
    LITELLM % "guardrails: {g: {callbacks: [presidio]}}",
    LITELLM % "guardrails: [{guardrail_name: g, litellm_params: {guardrail: presidio, mode: pre_call}}]",
    LITELLM % "guardrails: 5",
    LITELLM % "max_budget: ''",
    LITELLM % "guardrails: [{g: {callbacks: nope}}]",
    LITELLM % "success_callback: null",
    LITELLM % "success_callback: [5]",
    LITELLM % "callbacks: null",
    LITELLM % "callbacks: [5]",
    LITELLM % "audit_log_callbacks: 5",
    LITELLM % "default_team_settings: null",
    LITELLM % "default_team_settings: {team_id: a}",
    LITELLM % "upperbound_key_generate_params: null",
    LITELLM % "custom_provider_map: [{provider: a, custom_handler: handler}]",
    LITELLM % "priority_reservation_settings: {default_priority: x}",
    LITELLM % "responses: {background_mode: x}",
    LITELLM % "prometheus_deployment_and_latency_caller_identity: null",
    LITELLM % "tag_budget_config: {a: {max_budget: 1, budget_duration: 1d}}",
    GENERAL % "plugins: [{name: a}]",
    GENERAL % "plugins: [a]",
    GENERAL % "role_permissions: [{role: admin}]",
    GENERAL % "role_permissions: [{role: team, models: a}]",
    GENERAL % "role_permissions: [{role: team, other: 1}]",
    GENERAL % "role_permissions: [{models: [a]}]",
    GENERAL % "role_permissions: {role: team}",
    GENERAL % "team_metadata_schema: [{key: a}, {key: a}]",
    GENERAL % "team_metadata_schema: [{name: a}]",
    GENERAL % "team_metadata_schema: {key: a}",
    GENERAL % "mcp_advertised_versions: []",
    GENERAL % "mcp_advertised_versions: ['2020']",
    GENERAL % "alerting: 5",
    GENERAL % "alerting: [slack], alerting_args: {daily_report_frequency: x}",
    GENERAL % "alerting: [slack], alerting_args: words",
    GENERAL % "alerting: [slack], alert_to_webhook_url: x",
    GENERAL % "coordination_redis: words",
    GENERAL % "coordination_redis: {port: 6379}",
    GENERAL % "coordination_redis: {host: a, port: many}",
    GENERAL % "coordination_redis: {host: a, ssl: maybe}",
    GENERAL % "vector_store_deny_by_default: maybe",
    GENERAL % "search_tool_deny_by_default: x",
    GENERAL % "search_tools: [a]",
    GENERAL % "key_management_settings: {store_virtual_keys: maybe}",
    GENERAL % "key_management_system: google_secret_manager",
    GENERAL % "custom_auth: 5",
    GENERAL % "pass_through_endpoints: [{path: 5, target: 'http://x'}]",
    GENERAL % "pass_through_endpoints: [{path: /a, target: 'http://x', headers: [a]}]",
    ROUTER % "routing_strategy: 5",
    ROUTER % "routing_strategy: latency-based-routing, routing_strategy_args: {ttl: x}",
    ROUTER % "retry_policy: {TimeoutErrorRetries: x}",
    ROUTER % "allowed_fails_policy: {TimeoutErrorAllowedFails: x}",
    ROUTER % "redis_url: 5",
    ROUTER % "provider_budget_config: words",
    ROUTER % "provider_budget_config: {openai: words}",
    ROUTER % "provider_budget_config: {openai: {budget_limit: x, time_period: 1d}}",
    ROUTER % "alerting_config: {webhook_url: a}",
    ROUTER % "default_litellm_params: words",
    ROUTER % "routing_groups: [a]",
    ROUTER % "routing_groups: [{group_name: a}]",
    ROUTER % "routing_groups: [{group_name: a, models: [main], routing_strategy: nope}]",
    ROUTER % "routing_groups: [{group_name: a, models: main, routing_strategy: latency-based-routing}]",
    "environment_variables: [A]",
    "environment_variables: {'A=B': x}",
    "default_vertex_config: {vertex_project: 5}",
    AGENT % f"{{agent_name: a, litellm_params: words, {CARD}}}",
    ENTRY % "model: openai/x}, model_info: {access_windows: words",
    ENTRY % "model: openai/x}, model_info: {access_windows: [{start: '9', end: '10', timezone: UTC, team_ids: [a]}]",
    ENTRY % "model: auto_router/adaptive_router",
    LITELLM % "callbacks: [absent.handler]",
    LITELLM % "callbacks: absent.handler",
    LITELLM % "callbacks: [my_module.nobody]",
    LITELLM % "success_callback: [absent.handler]",
    LITELLM % "failure_callback: [my_module.nobody]",
    LITELLM % "audit_log_callbacks: [absent.handler]",
    LITELLM % "post_call_rules: absent.rule",
    LITELLM % "custom_provider_map: [{provider: a, custom_handler: my_module.nobody}]",
    GENERAL % "custom_auth: absent.check",
    GENERAL % "custom_auth: in_a.folder.check",
    GENERAL % "custom_auth: modelctl.absent.check",
    GENERAL % "custom_key_generate: my_module.nobody",
    GENERAL % "custom_key_update: absent.f",
    GENERAL % "custom_key_policy: absent.f",
    GENERAL % "custom_team_metadata_validate: absent.f",
    GENERAL % "custom_sso: my_module.nobody",
    GENERAL % "custom_ui_sso_sign_in_handler: absent.f",
    GENERAL % "key_management_system: custom, key_management_settings: {custom_secret_manager: absent.Manager}",
    ROUTER % "plugins: [absent.plugin]",
    ENTRY % "model: auto_router/complexity_router, complexity_router_config: {plugins: [my_module.nobody]}",
    ENTRY % "model: auto_router/complexity_router, complexity_router_config: {classifier_plugin: absent.classify}",
    "mcp_tools: [{name: a, description: b, handler: absent.add}]",
    GENERAL % "key_management_system: hashicorp_vault",
    GENERAL % "key_management_system: hashicorp_vault}\nenvironment_variables: {HCP_VAULT_TOKEN: too-late",
    GENERAL % "key_management_system: cyberark",  # its variable is set, and it needs a licence
    GENERAL % "key_management_system: aws_kms",
    GENERAL % "key_management_system: google_kms",
    CACHE % "{type: disk}",
    *(f"litellm_settings: {{{key}: [{name}]}}" for key in LISTS for name in ("sumologic", "rubrik", "qualifire_eval")),
    *(LITELLM % f"callbacks: [{name}]" for name in ("aporia_prompt_injection", "presidio")),
    MCP % "{spec_path: absent.json}",
    MCP % "{spec_path: spec.yaml}",
    MCP % "{spec_path: 'http://localhost:9/openapi.json'}",
    MCP % "{spec_path: 'https://10.0.0.7/openapi.json'}",
    GUARD % "{guardrail: absent.MyGuardrail, mode: pre_call}",
    GUARD % "{guardrail: my_module.Nobody, mode: pre_call}",
]
MAY_WARN = (
    "malformed-guardrail",
    "malformed-mcp-server",
    "missing-package",
    "missing-python-object",
    "needed-variable",
    "unreadable-spec",
)  # what another environment, or an older release, takes
STARTS = [
    CACHE % "{type: local, mode: default_off, semantic_cache_scope: end_user, ttl: 60}",
    CACHE % "{type: redis-semantic, host: a, port: 1, password: p, similarity_threshold: 0.8}",
    CACHE % "{type: s3, s3_bucket_name: a, s3_region_name: eu-west-1}",
    MCP % "{transport: stdio, command: npx, args: [a], env: {A: b}}",
    MCP % "{url: 'http://x', auth_type: oauth2, oauth2_flow: client_credentials, timeout: 5, rpm: 3}",
    GUARD % "{guardrail: openai_moderation, api_key: x, mode: {tags: {a: [pre_call, post_call]}, default: post_call}}",
    GUARD % "{guardrail: openai_moderation, api_key: x, mode: [pre_call, logging_only], default_on: 'yes'}",
    GUARD % "{guardrail: aporia, api_key: x, api_base: 'http://x', mode: during_call}",
    GENERAL % "plugins: [{name: a, url: 'http://x', plugin_key: k}]",
    GENERAL % "role_permissions: [{role: team, models: [a], routes: [b]}, {role: proxy_admin}]",
    GENERAL % "team_metadata_schema: [{key: a, label: A}]",
    GENERAL % "mcp_advertised_versions: ['2025-06-18']",
    GENERAL % "alerting: [slack], alerting_args: {daily_report_frequency: 60, log_to_console: true}",
    ROUTER % "retry_policy: {TimeoutErrorRetries: 3}, allowed_fails_policy: {TimeoutErrorAllowedFails: '3'}",
    ROUTER % "routing_groups: [{group_name: a, models: [main], routing_strategy: latency-based-routing}]",
    ROUTER
    % "routing_groups: [{group_name: a, models: [main], routing_strategy: priority, model_priorities: {main: 1}}]",
    "environment_variables: {A: true, B: 5, C: null}",
    ENTRY % "model: openai/x}, model_info: {access_windows:"
    " [{start: '09:00', end: '17:00', timezone: Europe/Berlin, team_ids: [a]}]",
    ENTRY % "model: openai/x, tag_regex: ['^a'], organization: o}, model_info: {tier: paid, id: 5, team_id: t",
    GENERAL % "custom_key_update: json.dumps, custom_key_policy: json.decoder.JSONDecoder",
    LITELLM % "success_callback: [modelctl.hook.startup]",
    GENERAL % "key_management_system: azure_key_vault",
    GENERAL % "key_management_system: aws_secret_manager",
    LITELLM % "callbacks: [sumologic, braintrust]}\nenvironment_variables: {SUMOLOGIC_WEBHOOK_URL: 'http://x'",
    LITELLM % "success_callback: [aporia_prompt_injection, presidio]",
    MCP % "{spec_path: spec.json}",
    "guardrails: []",
    WORDS,
    GUARD % "{guardrail: my_module.MyGuardrail, mode: during_call}",
    MCP % "{url: 'http://x/mcp', transport: http, auth_type: bearer_token}",
    "credential_list: [{credential_name: a, credential_values: {api_key: os.environ/SET}, credential_info: {}}]",
    LITELLM % "callbacks: [my_module.handler]",
    LITELLM % "upperbound_key_generate_params: {max_budget: '100', rpm_limit: 10, duration: 30d}",
    LITELLM % "max_budget: '10', max_ui_session_budget: null, default_internal_user_params: {max_budget: 3}",
    LITELLM % "success_callback: [langfuse]",
    LITELLM % "key_alias_pattern: '[a-z]+', budget_reset_time: '12:00'",
    LITELLM % "post_call_rules: my_module.user_api_key_auth",
    LITELLM % "responses: {background_mode: {polling_via_cache: all}}",
    LITELLM % "priority_reservation_settings: {default_priority: 0.5}",
    LITELLM % "model_group_settings: {forward_client_headers_to_llm_api: [main]}",
    LITELLM % "prometheus_deployment_and_latency_caller_identity: both",
    GENERAL % "custom_auth: my_auth.user_api_key_auth, health_check_interval: 300",
    GENERAL % "user_api_key_cache_ttl: '60', user_api_key_cache_max_size: 500",
    GENERAL % "background_health_check_model_groups: [main]",
    GENERAL % "spend_logs_metadata_fields: {exclude: [user_api_key_alias]}",
    GENERAL
    % "pass_through_endpoints: [{path: /a, target: 'http://x', headers: {Authorization: bearer os.environ/SET}}]",
    GENERAL % "key_management_settings: {access_mode: write_only, hosted_keys: [A], tags: {team: a}}",
    "finetune_settings: [{custom_llm_provider: openai}]",
    "files_settings: [{custom_llm_provider: openai}]",
    "assistant_settings: {custom_llm_provider: openai, litellm_params: {api_key: os.environ/SET}}",
    "default_vertex_config: {vertex_project: a}",
    POLICY % "{guardrails: [words]}",
    POLICY % "{guardrails: {add: [words], remove: [others]}, condition: {model: [main]}}",
    POLICY % "{guardrails: {add: [words]}, pipeline: {steps: [{guardrail: words, on_error: null}]}}",
    ATTACHED % "{policy: p, teams: [a], keys: [b], models: [c], tags: [d], priority: '3', default: true}",
    PROMPT % "{prompt_integration: dotprompt, prompt_file: ./a.prompt}",
    PROMPT % "{prompt_integration: generic_prompt_management, api_base: 'http://x'}",
    AGENT % f"{{agent_name: a, rpm_limit: '5', {CARD}}}",
    STORE % "{vector_store_name: a, litellm_params: {vector_store_id: b, custom_llm_provider: bedrock}}",
    "search_tools: [{search_tool_name: a, litellm_params: {search_provider: tavily}}]",
    "mcp_tools: [{name: a, description: b, handler: my_module.user_api_key_auth}]",
]
WITHOUT = {  # it starts, and something is not there: section -> its names, as the rule leaves them
    GUARD % "{guardrail: presido, mode: pre_call}": ("guardrails", []),
    GUARD % "{guardrail: openai_moderation, mode: precall, api_key: x}": ("guardrails", []),
    GUARD % "{guardrail: openai_moderation, api_key: x}": ("guardrails", []),
    GUARD % "{guardrail: openai_moderation, mode: pre_call}": ("guardrails", []),
    GUARD % "{guardrail: openai_moderation, api_key: 5, mode: pre_call}": ("guardrails", []),
    GUARD % "{guardrail: openai_moderation, api_key: x, mode: pre_call, default_on: maybe}": ("guardrails", []),
    GUARD % "{guardrail: openai_moderation, api_key: x, mode: 5}": ("guardrails", []),
    GUARD % "{guardrail: openai_moderation, api_key: x, mode: {default: pre_call}}": ("guardrails", []),
    GUARD % "{guardrail: openai_moderation, api_key: x, mode: {tags: {a: precall}}}": ("guardrails", []),
    GUARD % "{guardrail: openai_moderation, api_key: x, mode: {tags: {a: pre_call}, default: nope}}": (
        "guardrails",
        [],
    ),
    GUARD % "{guardrail: aporia, api_key: x, api_base: 'http://x', mode: pre_call}": ("guardrails", []),
    GUARD % "{guardrail: custom_code, mode: pre_call}": ("guardrails", []),
    GUARD % "{guardrail: 5, mode: pre_call}": ("guardrails", []),
    ENTRY % "model: ''": ("models", []),
    ENTRY % "model: openai/x, tag_regex: '('": ("models", []),
    ENTRY % "model: openai/x, organization: 5": ("models", []),
    ENTRY % "model: openai/x, vertex_credentials: 5": ("models", []),
    ENTRY % "model: openai/x}, model_info: {tier: gold": ("models", []),
    ENTRY % "model: openai/x}, model_info: {team_id: 5": ("models", []),
    ENTRY % "model: openai/x}, model_info: {base_model: 5": ("models", []),
    ENTRY % "model: openai/x}, model_info: {supported_environments: [test]": ("models", []),
    ENTRY % "model: auto_router/complexity_router": ("models", []),
    ENTRY % "model: auto_router/x": ("models", []),
    ENTRY % "model: auto_router/x, auto_router_config: '{\"routes\": []}', auto_router_default_model: main,"
    " auto_router_embedding_model: main": ("models", []),
    "sandbox_tools: [box]": ("sandbox_tools", []),
    AGENT % f"{{agent_name: a, {CARD}}}, {{agent_name: b}}, {{agent_name: a, {CARD}}}": ("agents", ["a"]),
    f"{AGENT % f'{{agent_name: a, {CARD}}}'}\nagent_list: [{{agent_name: b, {CARD}}}]": ("agents", ["a"]),
    "sandbox_tools: [{sandbox_tool_name: bare}]": ("sandbox_tools", []),
    "policy_attachments: [{policy: p, scope: '*'}]": ("policy_attachments", []),
    "prompts: [{prompt_id: a, litellm_params: {prompt_integration: dotprompt, prompt_file: b}},"
    " {prompt_id: a, litellm_params: {prompt_integration: dotprompt, prompt_file: c}}]": (
        "prompts",
        ["a::development"],
    ),
}


COUNTS = {  # what the Router takes -> whether `litellm_settings` says it in vain
    LITELLM % "num_retries: 7": ("num_retries=7", False),
    f"{LITELLM % 'num_retries: 7'}\n{ROUTER % 'num_retries: 4'}": ("num_retries=4", True),
    f"{LITELLM % 'num_retries: 7'}\n{ROUTER % 'num_retries: 0'}": ("num_retries=0", True),
    f"{LITELLM % 'allowed_fails: 7'}\n{ROUTER % 'allowed_fails: 4'}": ("allowed_fails=4", True),
    f"{LITELLM % 'max_fallbacks: 7'}\n{ROUTER % 'max_fallbacks: 4'}": ("max_fallbacks=4", True),
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Outcome, list[Problem]]]:
    """Each text, with what LiteLLM made of it and what check says."""
    folder = tmp_path_factory.mktemp("configs")
    for module in ("my_module", "my_auth"):
        (folder / f"{module}.py").write_text(OWN)
    (folder / "spec.yaml").write_text("openapi: 3.0.0\npaths: {}\n")
    (folder / "spec.json").write_text('{"openapi": "3.0.0", "paths": {}}')
    files = {}
    for number, text in enumerate([*ENDS, *STARTS, *WITHOUT, *COUNTS]):
        files[text] = folder / f"{number}.yaml"
        files[text].write_text(f"{'' if text.startswith('model_list') else HEAD}{text}\n")
        assert isinstance(yaml.safe_load(files[text].read_text()), dict)
    found = outcomes(files.values(), folder)
    return {text: (found[path], check_config(path, TODAY, KNOWN)[0]) for text, path in files.items()}


@pytest.mark.parametrize("text", ENDS)
def test_litellm_does_not_start_and_check_says_so(text: str, loaded: dict[str, tuple[Outcome, list[Problem]]]) -> None:
    outcome, problems = loaded[text]
    assert outcome.raised
    said = [each for each in problems if each.severity == "error" or each.rule in MAY_WARN]
    assert [each for each in said if "not start" in each.message], problems


@pytest.mark.parametrize("text", STARTS)
def test_litellm_starts_and_check_lets_it_pass(text: str, loaded: dict[str, tuple[Outcome, list[Problem]]]) -> None:
    outcome, problems = loaded[text]
    assert outcome.raised == ""
    assert [str(each) for each in problems if each.severity == "error"] == []


@pytest.mark.parametrize("text", WITHOUT)
def test_litellm_starts_without_it_and_check_says_so(
    text: str, loaded: dict[str, tuple[Outcome, list[Problem]]]
) -> None:
    outcome, problems = loaded[text]
    section, names = WITHOUT[text]
    assert (outcome.raised, outcome.there[section]) == ("", names)
    assert [each for each in problems if each.severity != "info"]


@pytest.mark.parametrize("text", COUNTS)
def test_of_two_settings_the_routers_counts(text: str, loaded: dict[str, tuple[Outcome, list[Problem]]]) -> None:
    outcome, problems = loaded[text]
    counts, in_vain = COUNTS[text]
    assert counts in outcome.there["router_settings"]
    assert any(each.rule == "idle-setting" for each in problems) is in_vain
