"""The chat's page: documents at the left, the conversation in the middle, evidence at the right."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import gradio as gr

from octavo.apps.chat.handlers import Handlers
from octavo.apps.chat.markup import render
from octavo.apps.chat.service import ChatService
from octavo.ingest.readers import SUFFIXES
from octavo.rag.model_cards import EMBEDDERS

ASSETS = files("octavo.apps.chat") / "assets"
SYSTEM_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Noto Sans", "Helvetica", "Arial", "sans-serif"]
MONO_FONTS = ["ui-monospace", "SF Mono", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace"]
KEY = "Only where the endpoint asks for one. It is kept with the library, and empty keeps it."


def asset(name: str) -> str:
    """Returns the text of a file of `assets`."""
    return (ASSETS / name).read_text(encoding="utf-8")


def theme() -> gr.themes.Base:
    """Quiet colours and the system's own fonts: nothing is fetched for them."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.blue,
        neutral_hue=gr.themes.colors.slate,
        font=SYSTEM_FONTS,
        font_mono=MONO_FONTS,
        radius_size=gr.themes.sizes.radius_md,
        spacing_size=gr.themes.sizes.spacing_sm,
        text_size=gr.themes.sizes.text_sm,
    ).set(  # each with a contrast of 4.5 : 1 and more
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_hover_dark="*primary_700",
    )


def html(template: str = "", js_on_load: str | None = None, **options: Any) -> gr.HTML:
    """Returns an HTML component that shows a template, or nothing yet."""
    value = str(render(f"{template}.html")) if template else ""
    return gr.HTML(value, js_on_load=js_on_load, apply_default_css=False, **options)


def build(service: ChatService, received: Path) -> gr.Blocks:
    """Returns the page, wired to a service; the browser's files come into the folder `received`."""
    do = Handlers(service, received)
    clicks = asset("clicks.js")
    with gr.Blocks(title="Octavo", fill_width=True, analytics_enabled=False, delete_cache=(3600, 3600)) as blocks:
        conversation = gr.Textbox(visible=False)  # kept by the browser: what it shows is what it asks about
        view, regions, scope = gr.State(), gr.State(()), gr.State()
        html("tabs", elem_id="top")
        with gr.Row(elem_id="columns"):
            with gr.Column(elem_id="documents-panel", scale=0, min_width=0):
                with gr.Row(elem_id="head"):
                    html("title")
                    new = gr.Button("New conversation", size="sm", elem_id="new")
                upload = gr.File(
                    file_count="multiple",
                    file_types=sorted(SUFFIXES),
                    show_label=False,
                    height=96,
                    elem_id="upload",
                )
                collection = gr.Dropdown(
                    do.documents.collections(),
                    value=do.documents.collections()[0],
                    allow_custom_value=True,
                    label="into the collection",
                    elem_id="collection",
                )
                find = gr.Textbox(
                    placeholder="Search documents, or a #tag",
                    show_label=False,
                    label="Search documents",
                    container=False,
                    elem_id="find-documents",
                )
                queue = html("", js_on_load=clicks + asset("state.js"), elem_id="queue")
                documents = html("", js_on_load=clicks, elem_id="shelf")
                with gr.Accordion("Conversations", open=False, elem_id="conversations"):
                    search = gr.Textbox(
                        placeholder="Search conversations",
                        show_label=False,
                        label="Search conversations",
                        container=False,
                        elem_id="search",
                    )
                    conversations = html("", js_on_load=clicks, elem_id="talks")
                with gr.Accordion("Concepts", open=False, elem_id="concepts"):
                    concepts = html("", js_on_load=clicks, elem_id="known")
                    with gr.Column(elem_id="concept-form", min_width=0) as concept_form:
                        edited = gr.State("")
                        concept = [
                            edited,
                            gr.Textbox(label="Name", placeholder="LX-9 press", elem_id="concept-name"),
                            gr.Textbox(
                                label="Other names", info="With commas between them.", placeholder="our flagship"
                            ),
                            gr.Textbox(label="What sort of thing it is", placeholder="machine"),
                            gr.Textbox(
                                label="Note", info="Answers may say it, as your own word.", lines=2, max_lines=8
                            ),
                            gr.File(
                                label="Pictures; new ones replace old ones",
                                file_count="multiple",
                                file_types=["image"],
                                height=96,
                                elem_id="concept-pictures",
                            ),
                        ]
                        with gr.Row():
                            keep = gr.Button("Save concept", size="sm", variant="primary", elem_id="keep-concept")
                            clear = gr.Button("Clear", size="sm", elem_id="clear-concept")
                with gr.Accordion("Settings", open=False, elem_id="settings") as preferences:
                    current = service.preferences
                    llm_url = gr.Textbox(
                        label="Model endpoint",
                        placeholder="http://127.0.0.1:8000/v1",
                        info="Any OpenAI-compatible server, such as vLLM. Empty: answers are quotes.",
                    )
                    llm_key = gr.Textbox(label="Key", type="password", info=KEY)
                    llm_model = gr.Dropdown(
                        [current.llm_model],
                        value=current.llm_model,
                        allow_custom_value=True,
                        label="Model",
                        info="Test lists what the server has. Empty: the first that chats.",
                    )
                    test = gr.Button("Test the model", size="sm", elem_id="test")
                    model = html(elem_id="model")
                    k = gr.Slider(1, 20, current.k, step=1, label="Places that an answer may rest on, at most")
                    threshold = gr.Slider(
                        0,
                        1,
                        current.threshold,
                        step=0.01,
                        label="Relevancy that a place needs",
                        info="Higher: fewer answers, safer ones.",
                    )
                    level = gr.Radio(
                        [
                            ("Passages", "chunk"),
                            ("Whole pages", "page"),
                            ("Single tables, figures, paragraphs", "element"),
                        ],
                        value=str(current.level),
                        label="What evidence is made of",
                    )
                    save = gr.Button("Save settings", size="sm", variant="primary")
                    kind = gr.Radio(
                        [("By their words (built in)", "static"), ("By a model that sees them", "served")],
                        value="static",
                        label="How pages are found",
                        elem_id="kind",
                    )
                    with gr.Column(elem_id="served", min_width=0):
                        embed_url = gr.Textbox(
                            label="Its endpoint",
                            placeholder="http://127.0.0.1:8001/v1",
                            info="A pooling server of vLLM.",
                        )
                        embed_model = gr.Textbox(label="Its name there")
                        embed_key = gr.Textbox(label="Its key", type="password", info=KEY)
                        card = gr.Dropdown(
                            [("what its name says", ""), *((one.name, one.name) for one in EMBEDDERS)],
                            value="",
                            label="Which model it is",
                        )
                    html("embedding_warning")
                    embed = gr.Button("Embed all documents again", size="sm", elem_id="embed")
                    embedded = html("", elem_id="embedded")
            with gr.Column(elem_id="chat-panel", scale=1, min_width=0):
                with gr.Column(elem_id="thread"):
                    past = html("", js_on_load=clicks, elem_id="past")
                    live = html("", js_on_load=clicks + asset("follow.js") + asset("address.js"), elem_id="live")
                chips = html("", js_on_load=clicks, elem_id="chips")
                box = gr.MultimodalTextbox(
                    placeholder="Ask your documents …",
                    show_label=False,
                    container=False,
                    file_types=["image"],
                    file_count="multiple",
                    max_plain_text_length=service.options.question_letters,
                    max_lines=6,
                    elem_id="question",
                    autofocus=True,
                )
                stop = gr.HTML(str(render("stop.html")), js_on_load=asset("stop.js"), elem_id="stop")
            html("edge", elem_id="edge-panel")
            with gr.Column(elem_id="evidence-panel", scale=0, min_width=0):
                panel = html("", js_on_load=clicks, elem_id="panel")
                viewer = gr.HTML(
                    None,
                    html_template=str(render("viewer.html")),
                    js_on_load=asset("viewer.js"),
                    apply_default_css=False,
                    elem_id="viewer",
                )
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        press: dict[str, Any] = {"concurrency_limit": None, **quiet}
        at_once: dict[str, Any] = {"queue": False, **quiet}  # beside the stream of an answer; errors are not shown
        asking = [past, live, panel, chips, regions]
        box.submit(
            do.questions.ask,
            [box, conversation, regions, scope],
            asking,
            concurrency_limit=None,
            trigger_mode="multiple",  # one that must wait is told so
            api_name="ask",
            show_progress="hidden",
        )
        live.asked(None, box, box, js=asset("asked.js"), **at_once)
        stop.stopped(do.questions.stop, None, None, **press)
        settings = [llm_url, llm_model, llm_key, k, threshold, level]
        embedding = [kind, embed_url, embed_model, card, embed_key]
        lists = [
            conversations,
            queue,
            documents,
            collection,
            upload,
            preferences,
            embedded,
            model,
            concepts,
            concept_form,
        ]
        blocks.load(
            do.load,
            conversation,
            [conversation, past, live, panel, *lists, *settings, *embedding],
            js=asset("wanted.js"),
            **quiet,
        ).then(do.questions.resume, conversation, asking, **press)
        upload.upload(do.documents.upload, [upload, collection], [upload, collection], **quiet)
        queue.progressed(do.documents.show_progress, None, queue, trigger_mode="always_last", **at_once)
        queue.changed(
            do.refresh,
            [conversation, scope, search, find],
            [queue, documents, conversations, embedded, past],
            trigger_mode="always_last",
            **at_once,
        )
        shelf = [queue, documents, scope, chips, view, viewer, panel]
        for pressed in (queue, documents):
            pressed.open(do.documents.press_document, [scope, regions, view, find], shelf, **press)
        documents.open(do.documents.introduce, None, panel, trigger_mode="always_last", **press)
        chips.dropped(do.documents.press_chip, [regions, scope, find], [regions, scope, chips, documents], **at_once)
        for pressed in (past, live, panel, chips):
            pressed.open(do.reader.press_thread, None, [panel, view, viewer], **press)
        for offering in (past, live, panel):
            offering.retry(do.questions.retry, None, asking, **press)
        for answered in (past, live):
            answered.rated(do.questions.rate, None, None, **press)
        viewer.leaf(do.reader.turn_page, view, [view, viewer], **press)
        viewer.find(do.reader.find, view, [view, viewer], **press)
        viewer.closed(do.reader.close, None, [view, viewer], **at_once)
        viewer.drawn(  # one after the other, as each adds to those before
            do.reader.select_region,
            [regions, scope],
            [regions, chips],
            trigger_mode="multiple",
            concurrency_limit=1,
            **quiet,
        )
        opened = [conversation, past, live, panel, conversations, view, viewer]
        new.click(do.conversations.new, search, opened, **press)
        conversations.open(do.conversations.press_conversation, [conversation, search], opened, **press).then(
            do.questions.resume, conversation, asking, **press
        )
        find.change(do.documents.find_documents, [find, scope], documents, trigger_mode="always_last", **at_once)
        search.change(
            do.conversations.search, [search, conversation], conversations, trigger_mode="always_last", **at_once
        )
        concepts.open(do.concepts.press_concept, edited, [*concept, concepts], **press)
        keep.click(do.concepts.save, concept, [*concept, concepts], **quiet)
        clear.click(do.concepts.clear, None, concept, **at_once)
        test.click(do.settings.test, [llm_url, llm_model, llm_key], [llm_model, model], **quiet)
        save.click(do.settings.save, settings, model, **quiet)
        embed.click(do.settings.embed, embedding, None, **quiet)
    blocks.queue(default_concurrency_limit=8)
    return blocks
