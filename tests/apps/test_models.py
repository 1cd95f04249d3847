"""`octavo models`: what is listed, how servers are fitted to a machine, and what is printed."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from apps import serving
from apps.cli import app
from ingest import OctavoError
from rag import Settings
from rag.cards import CHAT, EMBEDDERS, RERANKERS, TEMPLATES

MODELS = serving.PROFILES["small"]


def octavo(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["models", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_all_cards_are_listed() -> None:
    listed = json.loads(octavo("--list", "--json"))
    assert {card["name"] for cards in listed.values() for card in cards} == {
        card.name for card in (*CHAT, *EMBEDDERS, *RERANKERS)
    }
    assert "MrLight/dse-qwen2-2b-mrl-v1" in octavo("--list")
    assert "--list" in octavo()


@pytest.mark.parametrize("card", [*CHAT, *EMBEDDERS, *RERANKERS], ids=lambda card: card.name)
def test_what_vllm_is_told_can_be_read(card: serving.ServedCard) -> None:
    assert not card.template or (TEMPLATES / card.template).is_file()
    for flag, value in zip(card.serve, card.serve[1:], strict=False):
        if flag in ("--hf-overrides", "--mm-processor-kwargs", "--limit-mm-per-prompt"):
            assert isinstance(json.loads(value), dict)


@pytest.mark.parametrize("memory", [[24.0], [32.0], [80.0], [16.0, 16.0], [24.0, 24.0, 24.0]])
def test_servers_fit_into_the_memory_that_there_is(memory: list[float]) -> None:
    servers = serving.plan(MODELS, memory)
    assert [server.role for server in servers] == ["chat", "embedding", "reranker"]
    for gpu, size in enumerate(memory):
        there = [server for server in servers if server.gpu == gpu]
        assert sum(server.share for server in there) <= 0.92 + 1e-9
        assert all(server.share * size > server.card.memory + 1 for server in there)


def test_a_larger_chat_model_is_taken_where_it_fits_and_none_where_none_does() -> None:
    assert serving.plan(MODELS, [24.0])[0].model.endswith("2B-Instruct")
    assert serving.plan(MODELS, [48.0])[0].model.endswith("4B-Instruct")
    with pytest.raises(OctavoError, match=r"about 24 GiB.*there are 16.*--only"):
        serving.plan(MODELS, [16.0])
    with pytest.raises(OctavoError, match="knows how to serve"):
        serving.plan({"chat": "some/thing"}, [80.0])


def test_the_printed_settings_are_octavos(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = octavo("up", "--memory", "24", "--profile", "small")
    exports = dict(line.removeprefix("export ").split("=", 1) for line in printed.splitlines() if line[:6] == "export")
    for key, value in exports.items():
        monkeypatch.setenv(key, value)
    settings = Settings()
    assert settings.llm_model == "Qwen/Qwen3-VL-2B-Instruct"
    assert settings.embedding.kind == "served"
    assert settings.relevancy.kind == "rerank"
    (reranker,) = (line for line in printed.splitlines() if line.startswith("vllm serve Qwen/Qwen3-VL-Reranker"))
    words = shlex.split(reranker)
    assert json.loads(words[words.index("--hf-overrides") + 1])["classifier_from_token"] == ["no", "yes"]
    assert Path(words[words.index("--chat-template") + 1]).is_file()


def test_a_compose_file_says_the_same() -> None:
    made = yaml.safe_load(octavo("up", "--compose", "--memory", "80", "--only", "reranker"))
    (service,) = made["services"].values()
    assert service["command"][0] == "Qwen/Qwen3-VL-Reranker-2B"
    assert "/templates/qwen3_vl_reranker.jinja" in service["command"]
    assert f"{TEMPLATES}:/templates:ro" in service["volumes"]


def test_the_memory_of_gpus_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert serving.gpus() == []
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 24576\necho 81920\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    assert serving.gpus() == [24.0, 80.0]
    program.write_text("#!/bin/sh\nexit 9\n")
    assert serving.gpus() == []


def test_a_server_that_ends_by_itself_is_told_with_its_log(tmp_path: Path) -> None:
    program = tmp_path / "vllm"
    program.write_text("#!/bin/sh\necho 'out of memory: buy more' >&2\nexit 1\n")
    program.chmod(0o755)
    servers = serving.plan({"embedding": "Qwen/Qwen3-VL-Embedding-2B"}, [], cpu=True)
    with (
        pytest.raises(OctavoError, match=r"embedding server ended by itself.*buy more"),
        serving.running(servers, str(program), tmp_path / "logs", 30),
    ):
        pass
