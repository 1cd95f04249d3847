"""`octavo models`: what is listed, how servers are fitted to a machine, and what is printed."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from octavo.apps.cli.main import app
from octavo.apps.serving import launcher as serving
from octavo.ingest import OctavoError
from octavo.rag import Settings
from octavo.rag.clients.http import Endpoint, SettingNames
from octavo.rag.model_cards import CHAT, EMBEDDERS, RERANKERS, TEMPLATES
from tests.rag.model_server import closed_port

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
def test_the_printed_vllm_commands_can_be_parsed(card: serving.ServedCard) -> None:
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


@pytest.mark.parametrize(
    ("name", "gib"),
    [
        ("Qwen/Qwen3-VL-8B-Instruct-FP8", 10.1),
        ("someone/Qwen3-VL-8B-Instruct-AWQ-4bit", 5.7),
        ("Qwen/Qwen3.5-9B", 16.8),
        ("some/Model-30B-A3B-FP8", 32.1),
    ],
)
def test_any_model_is_served_by_the_size_that_its_name_tells(name: str, gib: float) -> None:
    (server,) = serving.plan({"chat": name}, [80.0])
    assert (server.model, round(server.card.memory, 1)) == (name, gib)
    assert server.arguments("")[:2] == ["serve", name]
    assert "--max-model-len" in server.arguments("")


def test_a_folder_is_served_by_the_size_of_its_weights(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"text_config": {"max_position_embeddings": 4096}}')
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.truncate(3 * 2**30)
    (server,) = serving.plan({"chat": str(tmp_path)}, [80.0])
    assert server.card.memory == 3.0
    words = server.arguments("")
    assert words[words.index("--max-model-len") + 1] == "4096"
    assert f"{tmp_path}:{tmp_path}:ro" in serving.compose([server])["services"]["chat"]["volumes"]
    assert serving.plan({"chat": "some/thing"}, [80.0], weights={"chat": 7.5})[0].card.memory == 7.5


def test_a_model_that_is_too_large_for_one_gpu_is_spread_over_several() -> None:
    (server,) = serving.plan({"chat": "Qwen/Qwen3-VL-32B-Instruct"}, [48.0] * 4)
    assert len(server.gpus) == 2
    assert server.share * 48 > 66 / 2
    words = server.arguments("")
    assert words[words.index("--tensor-parallel-size") + 1] == "2"
    assert serving.command(server, several=True).startswith("CUDA_VISIBLE_DEVICES=0,1 vllm serve")
    (wide,) = serving.plan({"chat": "Qwen/Qwen3-VL-2B-Instruct"}, [40.0] * 4, parallel=4)
    assert sorted(wide.gpus) == [0, 1, 2, 3]
    with pytest.raises(OctavoError, match="FP8 or AWQ"):
        serving.plan({"chat": "Qwen/Qwen3-VL-32B-Instruct"}, [40.0])


def test_keys_are_passed_on_and_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VLLM_API_KEY", "swordfish")
    monkeypatch.setenv("HF_TOKEN", "hunter")
    for option in ((), ("--compose",)):
        printed = octavo("up", "--memory", "24", "--extra", "chat=--max-num-seqs 8", *option)
        assert "swordfish" not in printed
        assert "hunter" not in printed
        assert "--max-num-seqs" in printed
    printed = octavo("up", "--memory", "24")
    assert "export OCTAVO_LLM_KEY=$VLLM_API_KEY" in printed
    assert "export OCTAVO_EMBEDDING__KEY=$VLLM_API_KEY" in printed
    compose = yaml.safe_load(octavo("up", "--memory", "24", "--compose"))
    assert compose["services"]["chat"]["environment"]["VLLM_API_KEY"] == "${VLLM_API_KEY:-}"
    for wrong in (("--extra", "max=1"), ("--weights", "chat=large")):
        assert CliRunner().invoke(app, ["models", "up", "--memory", "24", *wrong]).exit_code == 2


def test_the_printed_settings_are_octavos(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = octavo("up", "--memory", "24", "--profile", "small")
    exports = dict(line.removeprefix("export ").split("=", 1) for line in printed.splitlines() if line[:6] == "export")
    for key, value in exports.items():
        monkeypatch.setenv(key, value)
    settings = Settings.from_env()
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
    for script in ("exit 9", "echo '[N/A]'"):
        program.write_text(f"#!/bin/sh\n{script}\n")
        assert serving.gpus() == []


def test_a_server_that_ends_by_itself_is_told_with_its_log(tmp_path: Path) -> None:
    program = tmp_path / "vllm"
    program.write_text("#!/bin/sh\necho 'out of memory: buy more' >&2\nexit 1\n")
    program.chmod(0o755)
    with (
        pytest.raises(OctavoError, match=r"embedding server ended by itself.*buy more"),
        serving.running(servers(), str(program), tmp_path / "logs", 30),
    ):
        pass


def servers(port: int = 0) -> list[serving.Server]:
    (server,) = serving.plan({"embedding": "Qwen/Qwen3-VL-Embedding-2B"}, [], cpu=True)
    return [replace(server, port=port or closed_port())]


STAND_IN = """#!{python}
import http.server, json, os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({pids!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({{"data": [{{"id": sys.argv[2]}}]}}).encode())

http.server.HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Handler).serve_forever()
"""


RUN = """
import signal, sys
from octavo.apps.cli import main as cli
from octavo.apps.serving import launcher as serving

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
serving.PORTS["embedding"] = int(sys.argv.pop(1))
cli.main()
"""


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_servers_come_up_and_go_down_with_all_that_they_started(tmp_path: Path, sent: int, code: int) -> None:
    program, pids = tmp_path / "vllm", tmp_path / "pids"
    program.write_text(STAND_IN.format(python=sys.executable, pids=str(pids)))
    program.chmod(0o755)
    port = closed_port()
    command = [sys.executable, "-c", RUN, str(port), "models", "up", "--run", "--only", "embedding"]
    command += ["--vllm", str(program), "--memory", "24", "--wait", "120"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        printed = []
        while not printed or "all servers answer" not in printed[-1]:
            printed.append(process.stdout.readline())
            assert printed[-1], printed
        exports = dict(line.removeprefix("export ").strip().split("=", 1) for line in printed if line[:6] == "export")
        served = Endpoint(exports["OCTAVO_EMBEDDING__URL"], SettingNames.under("")).models()
        assert list(served) == [exports["OCTAVO_EMBEDDING__MODEL"]]
        started = [int(pid) for pid in pids.read_text().split()]
        assert len(started) == 2
        with pytest.raises(OctavoError, match=f"listens at port {port} already"):  # noqa: SIM117
            with serving.running(servers(port), str(program), tmp_path / "logs", 30):
                pass
        process.send_signal(sent)
        assert process.wait(60) == code
    assert all(_ends(pid) for pid in started)


def test_a_server_that_ends_later_is_told(tmp_path: Path) -> None:
    program, pids = tmp_path / "vllm", tmp_path / "pids"
    program.write_text(STAND_IN.format(python=sys.executable, pids=str(pids)))
    program.chmod(0o755)
    with serving.running(servers(), str(program), tmp_path / "logs", 60) as started:
        os.kill(int(pids.read_text().split()[0]), signal.SIGKILL)
        with pytest.raises(OctavoError, match="embedding server ended by itself"):
            serving.watch(started)
    assert _ends(int(pids.read_text().split()[1])), "what it left behind is ended"


def _ends(pid: int) -> bool:
    """Whether a process is gone, or will be in a moment."""
    stat = Path(f"/proc/{pid}/stat")
    for _ in range(200):
        try:
            if stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_servers_are_started_one_after_the_other(tmp_path: Path) -> None:
    program, log = tmp_path / "vllm", tmp_path / "log"
    program.write_text(ONE_BY_ONE.format(python=sys.executable, log=str(log)))
    program.chmod(0o755)
    (first,) = servers()
    second = replace(first, role="reranker", port=closed_port())
    with serving.running([first, second], str(program), tmp_path / "logs", 60):
        assert log.read_text().split() == [
            f"start{first.port}",
            f"up{first.port}",
            f"start{second.port}",
            f"up{second.port}",
        ]
    services = serving.compose([first, second])["services"]
    assert "depends_on" not in services["embedding"]
    assert services["reranker"]["depends_on"] == {"embedding": {"condition": "service_healthy"}}
    assert services["embedding"]["healthcheck"]["test"][-1].endswith(f":{first.port}/health")


ONE_BY_ONE = """#!{python}
import http.server, json, sys, time
port = int(sys.argv[sys.argv.index("--port") + 1])
def note(word):
    with open({log!r}, "a") as file:
        file.write(f"{{word}}{{port}}\\n")

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({{"data": [{{"id": "m"}}]}}).encode())

note("start")
time.sleep(0.5)
server = http.server.HTTPServer(("127.0.0.1", port), Handler)
note("up")
server.serve_forever()
"""
