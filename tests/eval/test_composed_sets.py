"""Data sets of composed retrieval: a picture and words that change it ask for another picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from octavo.eval.datasets import DatasetError, load
from octavo.eval.retrieval import evaluate
from octavo.rag import Settings


def picture(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", (600, 200), "white")
    ImageDraw.Draw(image).text((30, 60), text, fill="black", font=ImageFont.load_default(44))
    image.save(path)


def fashion(folder: Path, target: str = "B2") -> Path:
    for name, text in (("B1", "Linen shirt striped"), ("B2", "Linen shirt dotted"), ("B3", "Wool coat dotted")):
        picture(folder / "images" / f"{name}.png", text)
    captions = folder / "captions" / "cap.shirt.val.json"
    captions.parent.mkdir(exist_ok=True)
    row = {"candidate": "B1", "target": target, "captions": ["is dotted instead of striped", "is a shirt"]}
    captions.write_text(json.dumps([row]))
    return folder


def test_fashioniq_joins_its_captions(tmp_path: Path) -> None:
    dataset = load(fashion(tmp_path))
    (question,) = dataset.questions
    assert (question.question, question.doc) == ("is dotted instead of striped and is a shirt", "images/B2.png")
    assert (question.picture, dataset.within, len(dataset.documents)) == ("images/B1.png", False, 3)


def test_a_target_is_retrieved_by_picture_and_words(tmp_path: Path) -> None:
    result = evaluate(fashion(tmp_path / "set"), library=tmp_path / "library", settings=Settings())
    assert result.page["recall@1"] == 1


def test_circo_has_several_targets(tmp_path: Path) -> None:
    for number in (7, 12, 30):
        picture(tmp_path / "unlabeled2017" / f"{number:012d}.jpg", f"Picture {number}")
    (tmp_path / "annotations").mkdir()
    row = {"id": 0, "reference_img_id": 7, "target_img_id": 12, "gt_img_ids": [12, 30], "relative_caption": "at night"}
    (tmp_path / "annotations" / "val.json").write_text(json.dumps([row]))
    (question,) = load(tmp_path).questions
    assert (question.doc, question.also) == ("unlabeled2017/000000000012.jpg", (("unlabeled2017/000000000030.jpg", 0),))
    assert question.picture == "unlabeled2017/000000000007.jpg"


def test_a_picture_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="picture B9 is not in the folder"):
        load(fashion(tmp_path, target="B9"))
