"""Office files, pages of the web, plain text, tables and a message."""

# ruff: noqa: E501 (sentences of documents)
from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path
from xml.sax.saxutils import escape

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

_CONTENT = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_MEDIA = "application/vnd.openxmlformats-officedocument"


def _zipped(members: Mapping[str, str | bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content)
    return kept.getvalue()


def _timeless(package: bytes) -> bytes:
    """Returns an Office package without the times of its making, in itself and in the workbooks of its charts."""
    members: dict[str, str | bytes] = {}
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(".xlsx"):
                content = _timeless(content)
            elif name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2024-01-01T09:00:00Z", content)
            members[name] = content
    return _zipped(members)


def _package(path: Path, main: str, parts: Mapping[str, tuple[str, str]]) -> None:
    """Writes an Office package: `main` is the first part's name, `parts` its and others' media types and XML."""
    kinds = "".join(
        f'<Override PartName="/{name}" ContentType="{_MEDIA}.{kind}+xml"/>' for name, (kind, _) in parts.items() if kind
    )
    types = (
        f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{_CONTENT}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{kinds}</Types>'
    )
    relations = (
        f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="{main}"/></Relationships>'
    )
    members = {"[Content_Types].xml": types, "_rels/.rels": relations}
    parts_of = {name: f'<?xml version="1.0" encoding="UTF-8"?>{xml}' for name, (_, xml) in parts.items()}
    path.write_bytes(_zipped(members | parts_of))


def travel_policy(path: Path) -> None:
    """A Word file: headings, paragraphs, a list and a table."""

    def paragraph(text: str, style: str = "") -> str:
        size = {"Heading1": 32, "Heading2": 26}.get(style, 21)
        bold = "<w:b/>" if style else ""
        kind = (
            f'<w:pPr><w:pStyle w:val="{style}"/><w:outlineLvl w:val="{int(style[-1]) - 1}"/></w:pPr>' if style else ""
        )
        return f'<w:p>{kind}<w:r><w:rPr>{bold}<w:sz w:val="{size}"/></w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'

    def table(rows: Sequence[Sequence[str]]) -> str:
        lines = "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="808080"/>'
            for side in ("top", "left", "bottom", "right", "insideH", "insideV")
        )
        cells = "".join(
            "<w:tr>"
            + "".join(
                f'<w:tc><w:tcPr><w:tcW w:w="2200" w:type="dxa"/></w:tcPr>{paragraph(cell)}</w:tc>' for cell in row
            )
            + "</w:tr>"
            for row in rows
        )
        return f"<w:tbl><w:tblPr><w:tblBorders>{lines}</w:tblBorders></w:tblPr>{cells}</w:tbl>"

    body = "".join(
        (
            paragraph("Travel policy", "Heading1"),
            paragraph("Vantor Logistics, version 3, approved by Margit Solheim on 15 January 2024"),
            paragraph("Booking", "Heading2"),
            paragraph(
                "All trips are booked through the portal at least 14 days before departure. Trips over 2,000 euros need the approval of a director."
            ),
            paragraph("Means of transport", "Heading2"),
            paragraph(
                "Take the train for distances under 500 km. Business class is allowed on flights of more than seven hours. A private car is refunded with 0.38 euros per kilometre."
            ),
            paragraph("Hotels and meals", "Heading2"),
            table(
                (
                    ("Country", "Hotel limit per night", "Meals per day"),
                    ("Germany", "130 euros", "32 euros"),
                    ("Norway", "180 euros", "54 euros"),
                    ("Spain", "115 euros", "30 euros"),
                    ("Poland", "95 euros", "26 euros"),
                )
            ),
            paragraph("Expenses", "Heading2"),
            paragraph(
                "Send receipts within 30 days of your return. Alcohol, fines and minibar are not refunded. Money is paid with the next salary."
            ),
            paragraph("Emergencies", "Heading2"),
            paragraph("Call the travel desk, +47 555 77 20, day and night."),
        )
    )
    xml = f'<w:document xmlns:w="{_WORD}"><w:body>{body}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>'
    _package(path, "word/document.xml", {"word/document.xml": ("wordprocessingml.document.main", xml)})


def budget(path: Path) -> None:
    """An Excel file with one sheet: a budget by month."""
    rows: list[Sequence[str | float]] = [
        ("Department", "January", "February", "March", "Quarter"),
        ("Marketing", 41200, 38900, 45500, 125600),
        ("Support", 28700, 29100, 30400, 88200),
        ("Engineering", 96400, 97200, 99800, 293400),
        ("Facilities", 15100, 14300, 13900, 43300),
        ("Total", 181400, 179500, 189600, 550500),
    ]
    lines = []
    for number, row in enumerate(rows, 1):
        cells = ""
        for letter, value in zip("ABCDE", row, strict=True):
            place = f"{letter}{number}"
            cells += (
                f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
                if isinstance(value, str)
                else f'<c r="{place}"><v>{value}</v></c>'
            )
        lines.append(f'<row r="{number}">{cells}</row>')
    sheet = f'<worksheet xmlns="{_SHEET}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
    book = f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets><sheet name="Budget 2024" sheetId="1" r:id="rId1"/></sheets></workbook>'
    links = f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    _package(
        path,
        "xl/workbook.xml",
        {
            "xl/workbook.xml": ("spreadsheetml.sheet.main", book),
            "xl/worksheets/sheet1.xml": ("spreadsheetml.worksheet", sheet),
            "xl/_rels/workbook.xml.rels": ("", links),
        },
    )


def lesson(path: Path) -> None:
    """A deck of PowerPoint with a chart, a table and speaker notes."""
    deck = Presentation()
    slides: list[tuple[str, Sequence[str], str]] = [
        (
            "The water cycle",
            ["Grade 6 science", "Unit 4, lesson 2"],
            "Welcome the class. Ask who has seen fog this morning.",
        ),
        (
            "What you will learn",
            ["Name the four steps of the water cycle", "Explain why clouds form", "Measure rain with a simple gauge"],
            "This slide takes about three minutes.",
        ),
        (
            "The four steps",
            ["Evaporation", "Condensation", "Precipitation", "Collection"],
            "Let two pupils act out condensation.",
        ),
        ("Rain at our school", [], "The wettest month was October because of two storms."),
        (
            "Experiment",
            [
                "Jar, hot water, ice cubes, plate",
                "Pour 200 ml of hot water into the jar",
                "Put the plate with ice on top",
                "Wait five minutes and look at the drops",
            ],
            "Safety: only the teacher pours the hot water.",
        ),
        ("Homework", ["Read pages 48 to 51", "Keep a rain diary for one week", "Hand in on Friday, 22 November"], ""),
    ]
    for number, (title, points, notes) in enumerate(slides):
        slide = deck.slides.add_slide(deck.slide_layouts[0 if number == 0 else 1 if points else 5])
        slide.shapes.title.text = title
        if points:
            slide.placeholders[1].text = "\n".join(points)
        else:
            data = CategoryChartData()
            data.categories = ["July", "August", "September", "October", "November"]
            data.add_series("Rain in mm", (42, 58, 71, 126, 88))
            frame = slide.shapes.add_chart(
                XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(1.7), Inches(8), Inches(5), data
            )
            frame.chart.plots[0].has_data_labels = True
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    deck.core_properties.title, deck.core_properties.author = "The water cycle", "Beatrix Nakamura-Holt"
    kept = io.BytesIO()
    deck.save(kept)
    path.write_bytes(_timeless(kept.getvalue()))


def web_page(path: Path) -> None:
    """A page of documentation for programmers."""
    path.write_text(
        """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Parcelo API guide</title></head><body>
<h1>Parcelo API guide</h1>
<p>Version 2.4. The API tracks parcels and prints labels. The base address is <code>https://api.parcelo.example/v2</code>.</p>
<h2>Authentication</h2>
<p>Send your key in the header <code>X-Parcelo-Key</code>. Keys expire after 180 days. Test keys begin with <code>tst_</code>.</p>
<h2>Rate limits</h2>
<table><tr><th>Plan</th><th>Requests per minute</th><th>Labels per day</th><th>Price per month</th></tr>
<tr><td>Free</td><td>30</td><td>20</td><td>€0</td></tr>
<tr><td>Business</td><td>300</td><td>2,000</td><td>€49</td></tr>
<tr><td>Enterprise</td><td>1,500</td><td>unlimited</td><td>€290</td></tr></table>
<p>Requests over the limit get the status 429 and the header <code>Retry-After</code>.</p>
<h2>Create a label</h2>
<pre>POST /labels
{"weight_g": 850, "service": "express", "to": "NO-0150"}</pre>
<p>The largest weight is 31.5 kg. A label can be cancelled within 24 hours by <code>DELETE /labels/{id}</code>.</p>
<h2>Webhooks</h2>
<p>Parcelo calls your server when a parcel changes its state. A call that fails is sent again up to 8 times over two days.</p>
<h2>Errors</h2>
<ul><li>400: a field is missing</li><li>401: the key is wrong or has expired</li><li>404: no such parcel</li><li>422: the address cannot be reached</li></ul>
</body></html>
""",
        encoding="utf-8",
    )


def library_rules(path: Path) -> None:
    """A page of a library, in French."""
    path.write_text(
        """<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>Médiathèque de Saint-Aubrac</title></head><body>
<h1>Médiathèque de Saint-Aubrac : guide du lecteur</h1>
<h2>Horaires</h2>
<table><tr><th>Jour</th><th>Ouverture</th></tr><tr><td>Mardi</td><td>14 h – 19 h</td></tr><tr><td>Mercredi</td><td>10 h – 18 h</td></tr>
<tr><td>Vendredi</td><td>14 h – 20 h</td></tr><tr><td>Samedi</td><td>9 h 30 – 17 h</td></tr></table>
<p>La médiathèque est fermée le dimanche, le lundi et le jeudi.</p>
<h2>Inscription</h2>
<p>L’abonnement annuel coûte 18 € pour les adultes. Il est gratuit pour les moins de 18 ans et les étudiants. Une pièce d’identité est demandée.</p>
<h2>Prêt</h2>
<p>Vous pouvez emprunter dix livres et quatre films pour trois semaines. Le prêt peut être prolongé une fois, sauf si le document est réservé.</p>
<h2>Retards</h2>
<p>Une amende de 0,20 € par jour et par document est due à partir du cinquième jour de retard. Un livre perdu doit être remplacé.</p>
<h2>Ateliers</h2>
<p>L’heure du conte, animée par Mireille Castagnet, a lieu le mercredi à 16 h pour les enfants de 3 à 7 ans.</p>
</body></html>
""",
        encoding="utf-8",
    )


def runbook(path: Path) -> None:
    """A Markdown file of a software team."""
    path.write_text(
        """# Heron: operations runbook

Owner: platform team. On call: `#heron-oncall`. Last review: 2024-05-06.

## What Heron does

Heron is the queue between the web shop and the warehouse. It handles about 12,000 orders an hour at peak.

## Deploy

1. Merge to `main` and wait for the checks.
2. Run `make release VERSION=x.y.z`.
3. Watch the error rate for 15 minutes.
4. Roll back with `make rollback` if it rises above 0.5 %.

## Limits and settings

| Setting | Default | Meaning |
|---|---|---|
| `HERON_WORKERS` | 8 | processes that take orders |
| `HERON_TIMEOUT` | 30 | seconds until an order is given up |
| `HERON_RETRIES` | 5 | attempts before an order goes to the dead-letter queue |
| `HERON_BATCH` | 200 | orders that are sent at a time |

## Alerts

### QueueTooLong

More than 50,000 orders wait. Scale the workers to 16 first; if that does not help within ten minutes, page the database team.

### DeadLetters

Orders have failed five times. Look at the reason, mend it, and send them again with `heron replay --since 1h`.

## Backups

The database is saved every night at 02:30 and kept for 35 days. A restore takes about 40 minutes. It was last tried on 2024-03-18.

## Changes

- 3.2.0 (2024-04-22): batches, Python 3.12
- 3.1.0 (2024-01-15): dead-letter queue
- 3.0.0 (2023-09-04): new storage; needs a migration
""",
        encoding="utf-8",
    )


def incident(path: Path) -> None:
    """Plain text: a note from a ward."""
    path.write_text(
        """HANDOVER NOTE - WARD 4B (GERIATRICS)
Night shift 7 to 8 March 2024, written by Nurse Folasade Winther

Beds: 22 of 24 occupied. Two discharges are planned for the morning (beds 3 and 17).

Bed 5, Mr A. (81): fell at 02:40 on the way to the bathroom. No head injury. Blood pressure 138/82.
Dr Castellan was called at 02:50 and asked for an X-ray of the left hip, which is booked for 08:15.
The family was told by telephone at 07:10.

Bed 9, Mrs T. (77): fever of 38.9 C at 23:00. Blood cultures were taken. Paracetamol 1 g at 23:20,
temperature 37.6 C at 04:00. Fluids: 1,250 ml in, 900 ml out.

Bed 12, Mrs L. (90): refused the evening tablets. Offered again at 06:00, taken.

Bed 20, Mr K. (69): diabetic, glucose 4.1 mmol/l at 03:00, given juice, 6.3 mmol/l at 03:30.

Equipment: infusion pump number 14 gives a false alarm and was taken out of use. The technician
(extension 3307) comes on Monday.

Stock: nine boxes of gloves size M are left; order more.
""",
        encoding="utf-8",
    )


def stations(path: Path) -> None:
    """A table of measurements."""
    path.write_text(
        """station,river,height_m,flow_m3s,nitrate_mg_l,sampled
Aldbridge,Wenn,112,14.2,18.4,2024-03-04
Barrow Mill,Wenn,86,19.7,22.1,2024-03-04
Coldwater,Issel,143,6.8,9.7,2024-03-05
Dunford,Issel,97,11.3,15.2,2024-03-05
Eastholm,Tarn,58,27.5,31.6,2024-03-06
Fairlock,Tarn,41,33.9,28.3,2024-03-07
""",
        encoding="utf-8",
    )


def message(path: Path) -> None:
    """A message with a change of an order."""
    mail = EmailMessage()
    mail["From"] = "Leopold Arnesen <leopold@arnesen-boats.example>"
    mail["To"] = "sales@kestrel-sails.example"
    mail["Cc"] = "Wilhelmina Ostrander <mina@arnesen-boats.example>"
    mail["Subject"] = "Change of our order KS-5520"
    mail["Date"] = "Wed, 10 Apr 2024 08:42:00 +0200"
    mail.set_content(
        "Dear all,\n\nplease change our order KS-5520: we need four mainsails of 32 square metres in place of three, and no genoa.\n"
        "The colour stays navy blue. Please deliver by 24 May to pier 7 in Sandvik, not to the workshop.\n"
        "The discount of 6 % that you offered on the telephone is fine with us.\n\nKind regards\nLeopold Arnesen\n"
    )
    path.write_bytes(mail.as_bytes())


def museum(path: Path) -> None:
    """A page of a museum, in Italian."""
    path.write_text(
        """# Museo del Vetro di Valcerta

## Orari

Il museo è aperto da martedì a domenica dalle 10 alle 18. Il lunedì è chiuso. L'ultimo ingresso è alle 17.15.

## Biglietti

| Biglietto | Prezzo |
|---|---|
| Intero | 9 € |
| Ridotto (studenti, over 65) | 6 € |
| Famiglia (2 adulti e 2 bambini) | 21 € |

L'ingresso è gratuito la prima domenica del mese e per i bambini sotto i sei anni.

## Collezione

La collezione comprende 1.340 oggetti. Il pezzo più antico è una coppa romana del I secolo.

## Visite guidate

Le visite guidate, condotte da Ottavia Renzulli, si tengono il sabato alle 15 e durano 70 minuti. La prenotazione è obbligatoria.

## Regole

Non è permesso fotografare con il flash. Gli zaini vanno lasciati nel guardaroba.
""",
        encoding="utf-8",
    )


def garden_rules(path: Path) -> None:
    """Rules of an association of gardeners, in Dutch."""
    path.write_text(
        """REGLEMENT VOLKSTUINVERENIGING DE ROODE BEEK

Artikel 1. Tuinen
De vereniging heeft 64 tuinen. Een tuin is gemiddeld 180 vierkante meter groot.

Artikel 2. Contributie
De contributie bedraagt 145 euro per jaar en moet voor 1 februari worden betaald. Nieuwe leden betalen
een waarborgsom van 100 euro.

Artikel 3. Water
Sproeien mag alleen voor 9 uur 's morgens en na 19 uur 's avonds. Het water wordt in november afgesloten.

Artikel 4. Werkbeurten
Elk lid doet drie werkbeurten per jaar. Wie niet komt, betaalt 25 euro. De werkbeurten worden geregeld door
Marijke Terhorst.

Artikel 5. Bouwsels
Een schuurtje mag niet hoger zijn dan 2,40 meter. Voor een kas is toestemming van het bestuur nodig.

Artikel 6. Vuur
Het verbranden van tuinafval is verboden.
""",
        encoding="utf-8",
    )


def pool(path: Path) -> None:
    """A page of a swimming pool, in Portuguese."""
    path.write_text(
        """<!DOCTYPE html>
<html lang="pt"><head><meta charset="utf-8"><title>Piscina Municipal de Ribeira Alta</title></head><body>
<h1>Piscina Municipal de Ribeira Alta: regulamento</h1>
<h2>Horário</h2>
<p>A piscina abre de segunda a sexta-feira das 7h30 às 21h e ao sábado das 9h às 19h. Encerra aos domingos e feriados.</p>
<h2>Preços</h2>
<table><tr><th>Entrada</th><th>Preço</th></tr><tr><td>Adulto</td><td>3,20 €</td></tr><tr><td>Criança até 12 anos</td><td>1,80 €</td></tr>
<tr><td>Passe mensal</td><td>28,00 €</td></tr></table>
<h2>Regras</h2>
<p>O uso de touca é obrigatório. As crianças com menos de 10 anos devem ser acompanhadas por um adulto. É proibido comer junto à água.</p>
<h2>Aulas</h2>
<p>As aulas de natação para adultos, dadas por Henriqueta Valadares, realizam-se às terças e quintas-feiras às 19h.</p>
<h2>Água</h2>
<p>A temperatura da água é de 28 graus. A profundidade máxima é de 2,10 metros.</p>
</body></html>
""",
        encoding="utf-8",
    )
