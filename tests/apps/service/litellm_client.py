"""LiteLLM's client against a service, as a program of its own: prints what came as JSON."""

from __future__ import annotations

import json
import sys

import litellm

base, question = sys.argv[1:]
options = {"model": "openai/default", "api_base": base, "api_key": "none", "max_retries": 0}
messages = [{"role": "user", "content": question}]
whole = litellm.completion(messages=messages, **options)
parts = litellm.completion(messages=messages, stream=True, stream_options={"include_usage": True}, **options)
streamed = "".join(part.choices[0].delta.content or "" for part in parts if part.choices)
vectors = litellm.embedding(input=["polished mirror"], encoding_format="float", **options)
message = whole.choices[0].message
print(
    json.dumps(
        {
            "text": message.content,
            "streamed": streamed,
            "abstained": message.provider_specific_fields["octavo"]["abstained"],
            "embedding": vectors.data[0]["embedding"],
        }
    )
)
