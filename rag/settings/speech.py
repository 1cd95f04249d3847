"""Options of the endpoint that transcribes videos."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class SpeechOptions(BaseModel):
    """An endpoint that writes down what is said in videos (`/v1/audio/transcriptions`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    url: str = Field("", description="base URL of the endpoint, such as http://127.0.0.1:8003/v1")
    model: str = Field("whisper-1", description="the model's name there; one that tells times")
    timeout: float = Field(600, gt=0, description="seconds that the server may be silent")
    key: str = Field("", description="API key, where the endpoint asks for one", repr=False)
