"""The MCP SDK's own client against the service."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from octavo.apps.service.mcp import make_server
from tests.apps.cli.command import octavo
from tests.apps.service.conftest import NOTE, Running

READ = ["search_documents", "ask", "list_documents", "get_page"]


def talk(target: Any, work: Callable[[Client], Awaitable[None]]) -> None:
    async def run() -> None:
        async with Client(target) as client:
            await work(client)

    asyncio.run(run())


def test_tools_over_http(local: Running) -> None:
    async def work(client: Client) -> None:
        assert [tool.name for tool in (await client.list_tools()).tools] == [*READ, "add_document", "remove_document"]
        answer = await client.call_tool("ask", {"question": "When was the mirror polished?"})
        assert answer.structured_content
        assert "2021" in answer.structured_content["text"]
        assert answer.structured_content["citations"][0]["page_number"] == 1
        found = await client.call_tool("search_documents", {"query": "polished mirror", "limit": 1})
        assert "polished" in str(found.structured_content)
        page = await client.call_tool("get_page", {"document": "note.txt", "page_number": 1})
        assert [part.type for part in page.content] == ["text", "image"]
        listed = await client.call_tool("list_documents", {"collection": "default"})
        assert listed.structured_content
        assert listed.structured_content["total"] == 1

    talk(f"{local.url}/mcp", work)


def test_errors_are_sentences_for_the_model(local: Running) -> None:
    async def work(client: Client) -> None:
        for tool, arguments, sentence in (
            ("get_page", {"document": "none.txt", "page_number": 1}, "There is no document 'none.txt'"),
            ("get_page", {"document": "note.txt", "page_number": 9}, "note.txt has 1 pages"),
            ("ask", {"question": "x", "collection": "none"}, "There is no collection 'none'"),
            ("add_document", {"name": "x.exe", "content": "MZ"}, "no kind of file that can be read"),
        ):
            failed = await client.call_tool(tool, arguments)
            assert failed.is_error
            assert sentence in str(failed.content)

    talk(make_server(local.service), work)


def test_documents_are_added_and_removed(local: Running) -> None:
    async def work(client: Client) -> None:
        added = await client.call_tool("add_document", {"name": "owl.md", "content": "# Owls\n\nOwls see at night."})
        told = json.loads(added.content[0].text)  # type: ignore[union-attr]
        while not local.service.jobs.get("default", told["job"]).is_over:
            await asyncio.sleep(0.1)
        removed = await client.call_tool("remove_document", {"document": "owl.md"})
        assert removed.structured_content == {"removed": "owl.md", "document": told["document"]}

    talk(make_server(local.service), work)


def test_read_only_has_no_tool_that_writes(local: Running) -> None:
    async def work(client: Client) -> None:
        assert [tool.name for tool in (await client.list_tools()).tools] == READ
        assert (await client.call_tool("remove_document", {"document": "note.txt"})).is_error

    talk(make_server(local.service, read_only=True), work)


def test_rights_hold_over_http(shared: Running) -> None:
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    secret = shared.service.users.make_key("cem", "")[1]

    async def run() -> None:
        headers = {"authorization": f"Bearer {secret}"}
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(f"{shared.url}/mcp", http_client=http)) as client,
        ):
            listed = await client.call_tool("list_documents", {})
            assert listed.structured_content == {"collections": []}
            refused = await client.call_tool("ask", {"question": "How many astrolabes?", "collection": "vault"})
            assert "There is no collection 'vault'" in str(refused.content)

    asyncio.run(run())


def test_the_command_speaks_on_standard_input_and_output(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(NOTE)
    library = str(tmp_path / "library")
    assert octavo("ingest", "-q", tmp_path / "note.txt", "--library", library).returncode == 0

    async def run() -> None:
        arguments = ["-m", "octavo", "mcp", "--read-only", "--library", library]
        server = StdioServerParameters(command=sys.executable, args=arguments)
        async with Client(stdio_client(server)) as client:
            answer = await client.call_tool("ask", {"question": "When was the mirror polished?"})
            assert answer.structured_content
            assert "2021" in answer.structured_content["text"]

    asyncio.run(run())


@pytest.mark.parametrize("name", ["../../evil.txt", "a/b.txt"])
def test_names_never_escape(local: Running, name: str) -> None:
    async def work(client: Client) -> None:
        added = await client.call_tool("add_document", {"name": name, "content": f"words of {name}"})
        told = json.loads(added.content[0].text)  # type: ignore[union-attr]
        job = local.service.jobs.get("default", told["job"])
        assert Path(job.path).parent == local.service.settings.library.resolve() / "uploads" / "Documents"
        while not local.service.jobs.get("default", told["job"]).is_over:
            await asyncio.sleep(0.1)
        await client.call_tool("remove_document", {"document": job.name})

    talk(make_server(local.service), work)
