"""`octavo models …`: the models that Octavo can be connected to, and the servers that serve them."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Models that see, and the vLLM servers that serve them.", invoke_without_command=True)
_ROLES = ("chat", "embedding", "reranker")


@app.callback()
def models(
    context: typer.Context,
    as_list: Annotated[bool, typer.Option("--list", help="List the models that Octavo knows.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Models that see, and the vLLM servers that serve them."""
    if context.invoked_subcommand is None:
        if not (as_list or as_json):
            print(context.get_help())
            return
        _list(as_json)


@app.command()
def up(
    profile: Annotated[str, typer.Option(help="small or large.")] = "small",
    only: Annotated[list[str] | None, typer.Option(help="Only this server: chat, embedding, reranker.")] = None,
    chat: Annotated[str, typer.Option(help="Another chat model, by name or folder.")] = "",
    embedding: Annotated[str, typer.Option(help="Another embedding model, by name or folder.")] = "",
    reranker: Annotated[str, typer.Option(help="Another reranker, by name or folder.")] = "",
    weights: Annotated[
        list[str] | None, typer.Option(help="ROLE=GIB: the size of a model whose name does not tell it.")
    ] = None,
    tensor_parallel: Annotated[int, typer.Option(min=0, help="GPUs of the chat model; 0: as few as hold it.")] = 0,
    extra: Annotated[
        list[str] | None, typer.Option(help='ROLE=ARGUMENTS for vllm serve, such as chat="--max-num-seqs 8".')
    ] = None,
    memory: Annotated[float, typer.Option(help="GiB of the GPU, where it is not this machine's.")] = 0.0,
    compose: Annotated[bool, typer.Option("--compose", help="Print a compose file instead.")] = False,
    run: Annotated[bool, typer.Option("--run", help="Start them, until Ctrl-C.")] = False,
    vllm: Annotated[str, typer.Option(help="The vllm program; default: on the path, else installed.")] = "",
    wait: Annotated[float, typer.Option(help="Seconds that a server may take to start.")] = 1800.0,
) -> None:
    """Print the vLLM commands of a profile, fitted to this machine's GPU memory; --run starts them.

    A chat, embedding or reranking model may be any that vLLM serves, by name or folder. Servers ask for the key in
    VLLM_API_KEY where that is set; gated models are fetched with HF_TOKEN.
    """
    from octavo.apps.serving import launcher

    if profile not in launcher.PROFILES:
        raise typer.BadParameter(f"--profile is small or large, not {profile}.")
    for role in only or ():
        if role not in _ROLES:
            raise typer.BadParameter(f"--only is chat, embedding or reranker, not {role}.")
    names = dict(zip(_ROLES, (chat, embedding, reranker), strict=True))
    models = {
        role: names[role] or name for role, name in launcher.PROFILES[profile].items() if role in (only or _ROLES)
    }
    result = [memory] if memory else launcher.gpus()
    cpu = run and not result
    sizes = {role: _gib(size) for role, size in _by_role(weights, "--weights").items()}
    arguments = {role: shlex.split(text) for role, text in _by_role(extra, "--extra").items()}
    servers = launcher.plan(
        models,
        result or [launcher.ASSUMED_MEMORY[profile]],
        cpu=cpu,
        parallel=tensor_parallel,
        weights=sizes,
        extra=arguments,
    )
    if compose:
        import yaml

        print(yaml.safe_dump(launcher.compose(servers), sort_keys=False, width=1000), end="")
        return
    if not result:
        assumed = "on the processor" if cpu else f"commands for one of {launcher.ASSUMED_MEMORY[profile]:.0f} GiB"
        print(f"# no GPU found: {assumed}")
    for server in servers:
        print(f"# {server.role}: {server.card.name}, {server.card.licence}, {server.card.memory:g} GiB of weights")
        print(launcher.command(server, several=len(result) > 1))
    print("# then, for Octavo:")
    for server in servers:
        for key, value in server.settings().items():
            print(f"export {key}={value}")
    if run:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "octavo"
        program = vllm or shutil.which("vllm") or launcher.executable(home / "vllm")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are ended then, too
        with launcher.running(servers, program, home / "logs", wait) as started:
            print("# all servers answer; Ctrl-C ends them", flush=True)
            launcher.watch(started)


def _by_role(pairs: list[str] | None, option: str) -> dict[str, str]:
    """Returns the values of ROLE=VALUE options."""
    result = {}
    for each in pairs or ():
        role, mark, value = each.partition("=")
        if role not in _ROLES or not mark or not value.strip():
            raise typer.BadParameter(f"{option} is chat=…, embedding=… or reranker=…, not {each}.")
        result[role] = value
    return result


def _gib(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"--weights takes GiB, such as chat=9.5, not {text}.") from None


def _list(as_json: bool) -> None:
    from rich.table import Table

    from octavo.apps.cli.output import console
    from octavo.rag.model_cards import CHAT, EMBEDDERS, RERANKERS

    if as_json:
        groups = {"embedding": EMBEDDERS, "reranker": RERANKERS, "chat": CHAT}
        print(json.dumps({role: [card.model_dump() for card in cards] for role, cards in groups.items()}, indent=1))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("for", "vectors", "GiB", "licence", "by", "model"):
        table.add_column(name, overflow="fold", no_wrap=name == "model")
    for card in EMBEDDERS:
        cut = f"{card.matryoshka}-" if card.matryoshka else ""
        vectors = f"{card.dimension}/token" if card.multi_vector else f"{cut}{card.dimension}"
        by = "vLLM" if card.served else "in process"
        table.add_row("embedding", vectors, f"{card.memory:g}", card.licence, by, card.name)
    for role, cards in (("reranker", RERANKERS), ("chat", CHAT)):
        for model_card in cards:
            table.add_row(role, "", f"{model_card.memory:g}", model_card.licence, "vLLM", model_card.name)
    console.print(table)
