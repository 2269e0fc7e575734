"""What to use instead of a retired model: chosen by hand, by family; the only part of the data that is an opinion.

Each line is provider, pattern of the retired name (without the provider's prefix), successor as LiteLLM writes it.
The first that matches counts. A successor that the price map
does not hold, or that is past its date there, makes retired_models.py fail.
"""

from __future__ import annotations

import re

TABLE = """
anthropic   claude-(.*-)?(instant|haiku).*          claude-haiku-4-5
anthropic   claude-.*opus.*                         claude-opus-4-8
anthropic   claude-.*                               claude-sonnet-4-6
vertex_ai   claude-.*opus.*                         vertex_ai/claude-opus-4-8
vertex_ai   claude-.*sonnet.*                       vertex_ai/claude-sonnet-4-6
bedrock     (.*/)?((us|eu|apac|us-gov)\\.)?anthropic\\.claude-.*haiku.*   anthropic.claude-haiku-4-5-20251001-v1:0
bedrock     (.*/)?((us|eu|apac|us-gov)\\.)?anthropic\\.claude-.*          anthropic.claude-sonnet-4-6
gemini      gemini-.*(live|native|robotics|tts).*   -
gemini      gemini-.*image.*                        gemini/gemini-3.1-flash-image
gemini      gemini-.*(lite|8b).*                    gemini/gemini-3.1-flash-lite
gemini      gemini-.*flash.*                        gemini/gemini-3.5-flash
gemini      gemini-.*                               gemini/gemini-3.1-pro-preview
gemini      imagen-.*                               gemini/gemini-3.1-flash-image
gemini      veo-.*fast.*                            gemini/veo-3.1-fast-generate-001
gemini      veo-.*                                  gemini/veo-3.1-generate-001
vertex_ai   gemini-.*(live|native|tts).*            -
vertex_ai   gemini-.*image.*                        gemini-3.1-flash-image
vertex_ai   gemini-.*lite.*                         gemini-3.1-flash-lite
vertex_ai   gemini-.*flash.*                        gemini-3.5-flash
vertex_ai   (gemini|chat-bison|text-bison|codechat|code-bison).*   gemini-3.1-pro-preview
vertex_ai   (imagen|imagegeneration).*              gemini-3.1-flash-image
vertex_ai   textembedding-gecko.*|text-multi.*      gemini-embedding-001
openai      (gpt-4o|gpt-realtime).*(realtime|mini-2025).*   gpt-realtime
openai      gpt-4o.*audio.*                         gpt-audio
openai      chatgpt-4o-latest                       gpt-4o
openai      gpt-4\\.5-.*                            gpt-5
openai      gpt-4-.*                                gpt-4.1
openai      gpt-3\\.5-.*                            gpt-5.6-luna
openai      o1-mini.*                               gpt-5.6-terra
openai      o1-preview.*                            o3
openai      codex-mini-latest                       gpt-5.3-codex
openai      dall-e-.*                               gpt-image-2
openai      (text|omni)-moderation.*                omni-moderation-latest
azure       gpt-3\\.?5-.*                           azure/gpt-5.4-mini
azure       (.*/)?o1-preview.*                      azure/gpt-5.4
groq        .*whisper.*                             groq/whisper-large-v3-turbo
groq        .*guard.*                               groq/openai/gpt-oss-safeguard-20b
groq        .*tts.*                                 groq/canopylabs/orpheus-v1-english
groq        qwen.*                                  groq/qwen/qwen3.8-27b
groq        .*(-8b|3-8b|-1b|-3b|-7b|-9b|11b|scout|gemma).*   groq/openai/gpt-oss-20b
groq        .*                                      groq/openai/gpt-oss-120b
xai         grok-.*(non-reasoning).*                xai/grok-4.20-non-reasoning
xai         grok-.*(fast|mini).*                    xai/grok-4.20-reasoning
xai         grok-.*                                 xai/grok-4.5
mistral     codestral.*|open-codestral.*            mistral/codestral-latest
mistral     (labs-)?devstral-small.*                mistral/devstral-small-latest
mistral     devstral-medium.*                       mistral/devstral-medium-latest
mistral     devstral.*                              mistral/devstral-latest
mistral     magistral-medium.*                      mistral/magistral-medium-latest
mistral     magistral-small.*                       mistral/magistral-small-latest
mistral     mistral-large.*|pixtral-large.*         mistral/mistral-large-latest
mistral     mistral-medium.*                        mistral/mistral-medium-latest
mistral     mistral-ocr.*                           mistral/mistral-ocr-latest
mistral     open-mistral-nemo.*                     mistral/open-mistral-nemo
mistral     .*                                      mistral/mistral-small-latest
cohere      command-r-plus                          command-r-plus-08-2024
cohere      command-r                               command-r-08-2024
cohere      command.*                               command-r7b-12-2024
cohere      embed-english-light.*                   embed-english-light-v3.0
cohere      embed-english.*                         embed-english-v3.0
cohere      embed-multi.*                           embed-multilingual-v3.0
cohere      rerank.*                                rerank-v3.5
perplexity  .*(large|huge).*                        perplexity/sonar-pro
perplexity  .*sonar.*                               perplexity/sonar
moonshot    moonshot-v1-128k-.*                     moonshot/moonshot-v1-128k
moonshot    moonshot-v1-32k-.*                      moonshot/moonshot-v1-32k
moonshot    moonshot-v1-8k-.*                       moonshot/moonshot-v1-8k
moonshot    kimi-.*                                 moonshot/kimi-k2.6
cerebras    zai-glm-.*                              cerebras/gpt-oss-120b
github_copilot  claude-opus.*                       github_copilot/claude-opus-5.5
github_copilot  claude-sonnet.*                     github_copilot/claude-sonnet-5
github_copilot  gemini-.*                           github_copilot/gemini-3.8-flash
github_copilot  gpt-5.*codex.*                      github_copilot/gpt-5.3-codex
github_copilot  gpt-5.*                             github_copilot/gpt-5.6-sol
deepseek    deepseek-coder                          deepseek/deepseek-v4-flash
sambanova   .*(Llama|Qwen).*                        sambanova/Meta-Llama-3.3-70B-Instruct
"""
LINES = [
    (provider, re.compile(pattern), name) for provider, pattern, name in map(str.split, TABLE.strip().splitlines())
]


def successor(provider: str, bare: str) -> str | None:
    """The name to use instead, as LiteLLM's map writes it; None where the table has nothing to say."""
    for family, pattern, name in LINES:
        if family == provider and pattern.fullmatch(bare):
            return None if name == "-" else name
    return None


def named() -> set[str]:
    return {name for _, _, name in LINES if name != "-"}
