"""A chat model of any provider that LangChain knows, chosen by the operator. Its package is an extra.

Nothing is traced to anybody, and only the configured address is contacted.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from agents.errors import ModelUnavailable

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

PROVIDERS = {
    "openai": ("langchain_openai", "ChatOpenAI"),
    "anthropic": ("langchain_anthropic", "ChatAnthropic"),
    "ollama": ("langchain_ollama", "ChatOllama"),
}
TIMEOUT_SECONDS = 30.0


def chat_model(name: str, *, base_url: str = "", key: str = "") -> BaseChatModel:
    """The model called `provider:model`, at temperature 0. Raises ModelUnavailable where it cannot be made."""
    provider, _, model = name.partition(":")
    if provider not in PROVIDERS or not model:
        raise ModelUnavailable(f"{name!r} is no model: write provider:model, provider one of {', '.join(PROVIDERS)}.")
    package, class_name = PROVIDERS[provider]
    try:
        made = getattr(import_module(package), class_name)
    except ImportError:
        raise ModelUnavailable(f"{package} is not installed (the extra “llm” brings it).") from None
    if provider != "ollama" and not key and not base_url:
        raise ModelUnavailable(f"{provider} needs a key (FEEDGUARD_LLM_KEY).")
    options: dict[str, object] = {"model": model, "temperature": 0}
    if base_url:
        options["base_url"] = base_url
    if provider != "ollama":
        options |= {"timeout": TIMEOUT_SECONDS, "max_retries": 1, "api_key": key or "none"}
    chat: BaseChatModel = made(**options)
    return chat
