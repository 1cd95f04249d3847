# %% [markdown]
# # A client of the API
#
# `octavo serve` puts documents behind an API. Its Python client has the methods of `Pipeline`, and any OpenAI client
# works: a collection is a model. It needs `pip install "octavo[serve]"`.
#
# The address of a service that runs already is taken from `OCTAVO`, its key from `KEY`; otherwise this example runs a
# service of its own.

# %%
import os
import socket
import tempfile
import threading
import time
from pathlib import Path

import uvicorn
from openai import OpenAI

from octavo import Settings
from octavo.apps.samples import copy_sample
from octavo.apps.service import Service, ServiceOptions, create_app
from octavo.client import Client

folder = Path(tempfile.mkdtemp())
url, key = os.environ.get("OCTAVO", ""), os.environ.get("KEY", "any")
server = None
if not url:
    service = Service(Settings(library=folder / "library"), ServiceOptions(chat=False))
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(create_app(service), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.05)

# %% [markdown]
# The client uploads files, waits until they are read, and gives the same types as a pipeline.

# %%
with Client(url, key=key) as client:
    print([result.status for result in client.ingest(copy_sample("report.pdf", folder))])
    answer = client.ask("What was capital expenditure in 2018?")
    print(answer.text.splitlines()[0])
    print(answer.citations[0].name, "page", answer.citations[0].page_number)
    print(client.document("report.pdf").pages[2].image.size)

# %% [markdown]
# The same by the openai package. Citations stand in `annotations` and, with their boxes, in `octavo`.

# %%
openai = OpenAI(base_url=f"{url}/v1", api_key=key)
print([model.id for model in openai.models.list()])
completion = openai.chat.completions.create(
    model="default", messages=[{"role": "user", "content": "What was capital expenditure in 2018?"}]
)
message = completion.choices[0].message
print(message.content.splitlines()[0])
print(message.octavo["citations"][0]["boxes"])

# %% [markdown]
# Passages alone: the collection as a vector store.

# %%
for hit in openai.vector_stores.search("default", query="second dome", max_num_results=2):
    print(f"{hit.score:.2f}", hit.filename, hit.content[0].text[:60].replace("\n", " "))

# %%
openai.close()
if server:
    server.should_exit = True
    thread.join()
    service.close()
    listener.close()
