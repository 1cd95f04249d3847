"""Papers of work and of everyday life, as PDF files and pictures."""

# ruff: noqa: E501 (sentences of documents)
from __future__ import annotations

from pathlib import Path

from .flow import BLUE, BOLD, GREY, ITALIC, RED, Flow, pymupdf


def lease(path: Path) -> None:
    """A contract with numbered clauses, three pages."""
    flow = Flow(font="tiro", body=11, footer="Lease 27 Harbour Street")
    flow.heading("RESIDENTIAL LEASE AGREEMENT", 1)
    flow.text(
        "This agreement is made on 3 February 2023 between Oakfield Lettings Ltd (the Landlord) and Mr Jonas Lindqvist "
        "and Ms Amira Haddad (the Tenants)."
    )
    clauses = {
        "1. Premises": "The Landlord lets to the Tenants the flat on the second floor of 27 Harbour Street, Penmouth, with three "
        "rooms, kitchen, bathroom and cellar compartment number 9, of 78 square metres in all.",
        "2. Term": "The lease begins on 1 March 2023 and is made for two years. It continues from month to month after that "
        "unless a party ends it.",
        "3. Rent": "The monthly rent is 1,240 pounds, payable in advance on the first working day of each month. Service charges "
        "of 165 pounds a month cover water, heating of the stairs, refuse and the caretaker.",
        "4. Deposit": "The Tenants pay a deposit of 2,480 pounds before they move in. The Landlord pays it back within 30 days of "
        "the end of the lease, less the cost of damage beyond fair wear and tear.",
        "5. Rent increases": "The Landlord may raise the rent once a year, by no more than the consumer price index and never by "
        "more than 4 percent, with three months' written notice.",
        "6. Use and subletting": "The premises are for living only. The Tenants may not sublet the flat or a room of it without "
        "the Landlord's written consent.",
        "7. Animals": "Cats and small animals in cages are allowed. Dogs need the Landlord's written consent.",
        "8. Repairs": "The Tenants carry out small repairs of up to 90 pounds each and no more than 270 pounds a year. All other "
        "repairs are the Landlord's. Defects must be reported within five days.",
        "9. Alterations": "The Tenants may paint the walls in light colours. Holes for shelves must be filled when they move out. "
        "Any other alteration needs consent.",
        "10. Access": "The Landlord may enter for repairs and inspections with 48 hours' notice, in an emergency at any time.",
        "11. Termination": "After the fixed term each party may end the lease with two months' written notice to the end of a "
        "month. The Landlord may end it at once if two months' rent is unpaid.",
        "12. Late payment": "Rent that is more than seven days late bears interest of 5 percent a year.",
        "13. Keys": "The Tenants receive four front-door keys and two cellar keys. A lost key costs 35 pounds.",
        "14. Governing law": "This agreement is governed by the law of England and Wales.",
    }
    for title, text in clauses.items():
        flow.heading(title, 3)
        flow.text(text)
    flow.space(16)
    flow.text("Signed at Penmouth, 3 February 2023", font=ITALIC)
    flow.text("For Oakfield Lettings Ltd: Gwendolyn Parrish, Director")
    flow.text("The Tenants: Jonas Lindqvist, Amira Haddad")
    flow.save(path, title="Residential lease, 27 Harbour Street", author="Oakfield Lettings Ltd", day="20230203")


def manual(path: Path) -> None:
    """A manual with numbered sections, warnings, figures and tables."""
    flow = Flow(footer="KX-200 Operating manual   Rev. C")
    flow.space(120)
    flow.heading("KX-200 Hydraulic Press", 0, bookmark=False)
    flow.text("Operating manual, revision C, May 2022", 14)
    flow.text("Tornmark Machines AS", 12)
    flow.new_page()
    flow.heading("1 Safety")
    flow.heading("1.1 Intended use", 2)
    flow.text(
        "The KX-200 presses, bends and straightens metal parts of up to 40 kg. It is not made for food or for explosives."
    )
    flow.heading("1.2 Protective equipment", 2)
    flow.text(
        "Wear safety glasses, gloves and steel-toed shoes. Wear hearing protection when the pump runs for more than one hour."
    )
    flow.box(
        "WARNING",
        "Crushing hazard. Never reach into the press while the ram is moving. Use the two-hand control at all times.",
    )
    flow.heading("1.3 Emergency stop", 2)
    flow.text(
        "Press the red button on the left side of the frame. To start again, turn the button clockwise and press RESET for "
        "three seconds."
    )
    flow.heading("2 Parts of the machine")
    flow.sketch(
        ["Frame", "Ram", "Hydraulic pump", "Control panel"],
        "Figure 1: Main parts of the KX-200. 1 frame, 2 ram, 3 hydraulic pump, 4 control panel",
    )
    flow.new_page()
    flow.heading("3 Technical data")
    flow.table(
        [
            ["Property", "KX-200", "KX-200 XL"],
            ["Maximum force", "200 kN", "320 kN"],
            ["Working pressure", "180 bar", "250 bar"],
            ["Stroke of the ram", "250 mm", "400 mm"],
            ["Motor power", "4.0 kW", "7.5 kW"],
            ["Oil volume", "22 litres", "38 litres"],
            ["Weight", "640 kg", "1,150 kg"],
            ["Noise level", "74 dB(A)", "78 dB(A)"],
            ["Supply voltage", "400 V", "400 V"],
        ],
        (2, 1, 1),
        rules=True,
        caption="Table 1: Technical data",
    )
    flow.heading("4 Installation")
    flow.items(
        "Place the press on a level concrete floor of at least 150 mm thickness.",
        "Fix it with four M16 anchors, tightened to 110 Nm.",
        "Fill in hydraulic oil HLP 46 up to the upper mark.",
        "Have an electrician connect the machine to 400 V, protected by a 16 A fuse.",
        "Run the pump for five minutes without load.",
        bullet="1",
    )
    flow.new_page()
    flow.heading("5 Operation")
    flow.text(
        "Turn the main switch to ON and wait until the green lamp lights. Set the pressure with the dial. Hold both buttons "
        "of the two-hand control until the ram has reached the workpiece."
    )
    flow.sketch(
        ["Main switch", "Pressure dial", "Lamp", "RESET"],
        "Figure 2: Control panel. 1 main switch, 2 pressure dial, 3 green lamp, 4 RESET button",
    )
    flow.box(
        "CAUTION",
        "Hot oil. The oil reaches 65 degrees C in continuous operation. Let the press cool for 30 minutes before "
        "you open the hydraulic circuit.",
        BLUE,
    )
    flow.heading("6 Maintenance")
    flow.table(
        [
            ["Task", "Interval"],
            ["Check oil level", "daily"],
            ["Grease the ram guides", "every 50 hours"],
            ["Replace the oil filter", "every 500 hours"],
            ["Change hydraulic oil", "every 2,000 hours"],
            ["Inspect hoses", "every 6 months"],
            ["Replace hoses", "every 6 years"],
        ],
        (2, 1),
        rules=True,
        caption="Table 2: Maintenance schedule",
    )
    flow.new_page()
    flow.heading("7 Troubleshooting")
    flow.table(
        [
            ["Code", "Meaning", "Remedy"],
            ["E01", "Oil level too low", "Top up HLP 46"],
            ["E02", "Motor overheated", "Wait 20 minutes, clean the fan"],
            ["E03", "Two-hand control fault", "Release both buttons, press RESET"],
            ["E04", "Pressure sensor fault", "Call the service"],
            ["E07", "Guard door open", "Close the guard door"],
        ],
        (0.6, 1.6, 2.2),
        rules=True,
        caption="Table 3: Error codes",
    )
    flow.heading("8 Disposal")
    flow.text("Drain the oil and take it to a collection point. The frame is scrap steel.")
    flow.heading("9 Service")
    flow.text(
        "Tornmark Machines AS, service line +47 555 01 88, Monday to Friday from 7:00 to 16:00. The warranty is 24 months "
        "or 3,000 operating hours, whichever comes first."
    )
    flow.save(path, title="KX-200 Operating manual", author="Tornmark Machines AS", day="20220516")


def paper(path: Path) -> None:
    """A scientific paper of two columns."""
    flow = Flow(font="tiro", body=9.5, margin=48)
    flow.text("Sediment accretion in restored mangrove plots of the Tamaru estuary", 17, BOLD)
    flow.text("Lena Vosskuhl, Arturo Benavides-Ruiz and Hina Tupuola", 11)
    flow.text("Institute for Coastal Studies, Port Tamaru. Received 4 March 2021, accepted 19 August 2021.", 9, ITALIC)
    flow.columns, flow.top = 2, flow.y + 10
    flow.y = flow.top
    flow.heading("Abstract", 2)
    flow.text(
        "Mangroves are planted to protect coasts, but how fast the soil under them grows is poorly known. We measured "
        "accretion in 36 plots of three ages over 30 months. Plots planted 12 years ago gained 8.4 mm a year, plots "
        "planted 4 years ago 5.1 mm, and bare controls 1.9 mm. Root density explains 62% of the variance. At the present "
        "rate of sea-level rise (3.9 mm a year) the restored plots keep pace and the controls do not."
    )
    flow.heading("1 Introduction", 2)
    flow.text(
        "Restoration of mangroves has become a common measure of coastal protection. Earlier studies looked at the "
        "survival of seedlings; only a few measured the height of the soil (Okafor and Lund 2014; Marchetti 2017). We "
        "ask whether accretion grows with the age of a plantation, and which property of the stand explains it."
    )
    flow.heading("2 Methods", 2)
    flow.text(
        "We define accretion as the yearly gain in height of the soil surface above a marker horizon of feldspar. "
        "Twelve plots of 100 square metres were laid out in each of three classes: planted in 2006, planted in 2014 and "
        "bare mud. Heights were read every three months with a rod surface elevation table. Root density was measured in "
        "cores of 50 cm depth. We fitted a linear mixed model with the creek as a random effect."
    )
    flow.text("Two plots were lost in the storm of January 2019 and were left out of the analysis.")
    flow.heading("3 Results", 2)
    flow.table(
        [
            ["Class", "Plots", "Accretion (mm/yr)", "Roots (kg/m2)"],
            ["Planted 2006", "12", "8.4", "4.7"],
            ["Planted 2014", "11", "5.1", "2.6"],
            ["Bare control", "11", "1.9", "0.3"],
        ],
        (1.3, 0.6, 1.3, 1.1),
        size=8,
        caption="Table 1. Accretion and root density by class",
    )
    flow.text(
        "Accretion differed between the classes (p < 0.001). Within classes, it rose with root density; the slope was "
        "1.3 mm a year for each kg per square metre. Distance to the creek had no clear effect (p = 0.41)."
    )
    flow.bars({"2006": 8.4, "2014": 5.1, "Control": 1.9}, "Figure 1. Mean accretion in mm per year by class")
    flow.heading("4 Discussion", 2)
    flow.text(
        "Older plots trap more sediment because their roots slow the water. The main limitation of our study is that all "
        "plots lie in one estuary. Compaction below the markers was not measured, so that the true gain in height may be "
        "smaller by up to 15%."
    )
    flow.heading("5 Conclusions", 2)
    flow.text(
        "Restored mangroves keep pace with the present rise of the sea within four years of planting. We recommend to "
        "plant at a density of at least two seedlings per square metre."
    )
    flow.heading("Acknowledgements", 2)
    flow.text("Funded by the Tamaru Harbour Trust, grant CT-118.")
    flow.heading("References", 2)
    for reference in (
        "Marchetti, P. (2017). Soil height under planted mangroves. Coastal Letters 12, 44-58.",
        "Okafor, D. and Lund, S. (2014). Ten years of replanting in the delta. Journal of Shore Ecology 31, 201-219.",
        "Reyes-Montt, J. (2019). Rod surface elevation tables in practice. Field Methods 8, 9-21.",
    ):
        flow.text(reference, 8.5)
    flow.save(path, title="Sediment accretion in restored mangrove plots", author="Lena Vosskuhl", day="20210819")


def letter(path: Path) -> None:
    """A scanned letter: its only content is a picture."""
    flow = Flow(font="tiro", body=12.5)
    flow.text("Meridian Mutual Insurance", 17, BOLD)
    flow.text("Claims department, 5 Castle Row, Elverton", 11)
    flow.space(20)
    for line in ("Mrs Dorothea Klimt", "18 Orchard Close", "Elverton"):
        flow.text(line, after=1)
    flow.space(20)
    flow.text("9 October 2023")
    flow.text("Claim number: MM-48213. Water damage of 17 August 2023", font=BOLD)
    flow.text("Dear Mrs Klimt,")
    flow.text(
        "thank you for your claim for the damage to your kitchen. Our assessor, Mr Fennick, visited you on 5 September. He "
        "puts the cost of the repair at 3,860 pounds."
    )
    flow.text(
        "Your policy has an excess of 250 pounds. We shall therefore pay 3,610 pounds into your account by 31 October 2023."
    )
    flow.text(
        "The carpet in the hall is not covered, because it was damaged before. If you do not agree, please write to us "
        "within six weeks."
    )
    flow.text("Yours sincerely,")
    flow.text("Bertram Oduya, Head of Claims")
    image = flow.page.get_pixmap(dpi=150, alpha=False).tobytes("jpg", jpg_quality=70)
    scan = pymupdf.open()
    scan.new_page(width=595, height=842).insert_image(pymupdf.Rect(0, 0, 595, 842), stream=image)
    scan.save(path, garbage=3, deflate=True, no_new_id=True)


def receipt(path: Path) -> None:
    """A picture of a receipt."""
    flow = Flow((300, 460), margin=24, font="cour", body=11)
    flow.text("CAFE LANTERNA", 16, BOLD)
    flow.text("Via dei Tigli 8")
    flow.text("14.06.2024  13:27  Table 6")
    for line in (
        "2 Tomato soup 13.00",
        "1 Mushroom risotto 14.50",
        "1 Grilled trout 19.80",
        "3 Mineral water 9.60",
        "2 Espresso 5.00",
    ):
        flow.text(line, after=2)
    flow.text("TOTAL 61.90", 14, BOLD)
    flow.text("incl. VAT 10% 5.63")
    flow.text("Paid by card ending 4471")
    flow.text("You were served by Silvio")
    flow.page.get_pixmap(dpi=170, alpha=False).save(path)


def prices(path: Path) -> None:
    """A price list with groups."""
    flow = Flow(footer="Fernhill Garden Centre")
    flow.heading("Fernhill Garden Centre")
    flow.text("Price list, valid from 1 March 2024. All prices in dollars, including tax.")
    flow.heading("Trees and shrubs", 2)
    flow.table(
        [
            ["Article", "Pot", "No.", "Price"],
            ["Apple tree Bramling", "12 l", "T-101", "38.90"],
            ["Cherry tree Morella", "12 l", "T-104", "42.50"],
            ["Lilac", "7 l", "T-120", "24.90"],
            ["Boxwood", "3 l", "T-133", "11.90"],
        ],
        (2.4, 1, 1, 1),
        rules=True,
    )
    flow.heading("Tools", 2)
    flow.table(
        [
            ["Article", "Size", "No.", "Price"],
            ["Spade, ash handle", "110 cm", "W-210", "34.00"],
            ["Pruning shears", "21 cm", "W-218", "27.50"],
            ["Watering can, zinc", "9 l", "W-226", "31.90"],
            ["Wheelbarrow", "85 l", "W-240", "89.00"],
            ["Garden hose", "25 m", "W-251", "29.90"],
        ],
        (2.4, 1, 1, 1),
        rules=True,
    )
    flow.heading("Soil and fertiliser", 2)
    flow.table(
        [
            ["Article", "Bag", "No.", "Price"],
            ["Potting soil", "40 l", "S-301", "9.90"],
            ["Lawn fertiliser", "10 kg", "S-315", "21.50"],
            ["Bark mulch", "60 l", "S-322", "8.40"],
        ],
        (2.4, 1, 1, 1),
        rules=True,
    )
    flow.heading("Conditions", 2)
    flow.items(
        "Delivery within 20 km costs $15; orders over $200 are delivered free of charge.",
        "Members of the garden club get 8% off plants, not off tools.",
        "Plants that do not grow are replaced within twelve months.",
    )
    flow.save(path, title="Price list 2024", author="Fernhill Garden Centre", day="20240301")


def minutes(path: Path) -> None:
    """Minutes of a meeting with decisions and tasks."""
    flow = Flow(body=11)
    flow.heading("Minutes of the committee of the Rowan Hill Swimming Club")
    flow.text("Tuesday, 16 April 2024, 19:00 to 21:10, clubhouse")
    flow.text(
        "Present: Olga Brandvold (chair), Kwame Asante (treasurer), Sophie Delacroix-Burton (secretary), Rui Tavares, "
        "Nadia Petrossian"
    )
    flow.text("Apologies: Hugh McAllery")
    flow.heading("1. Minutes of the last meeting", 2)
    flow.text("The minutes of 12 March 2024 were approved with one change.")
    flow.heading("2. Finances", 2)
    flow.text(
        "Kwame reported a balance of $18,420. Membership fees of nine members are overdue, $1,080 in all. The roof repair "
        "cost $6,300, which is $800 more than planned."
    )
    flow.heading("3. Summer gala", 2)
    flow.text(
        "The gala will be held on 20 July 2024. Nadia Petrossian organises it. The entry fee is $12 for adults and free for "
        "children under ten. The motion to hire a band was rejected by three votes to two."
    )
    flow.heading("4. New lane ropes", 2)
    flow.text("Three offers were compared. Decision: to buy eight ropes from Delphin Sport for $2,960 (unanimous).")
    flow.heading("5. Coaches", 2)
    flow.text("Rui Tavares found two candidates for the post of junior coach. Interviews are on 2 May.")
    flow.heading("Action items", 2)
    flow.table(
        [
            ["Who", "What", "By"],
            ["Kwame Asante", "Remind members of overdue fees", "30 April"],
            ["Nadia Petrossian", "Book the food stalls", "15 May"],
            ["Rui Tavares", "Interview coaches", "2 May"],
            ["Sophie Delacroix-Burton", "Order the lane ropes", "22 April"],
        ],
        (1.6, 2.4, 1),
        rules=True,
    )
    flow.text("Next meeting: 21 May 2024, 19:00")
    flow.save(path, title="Minutes 16 April 2024", author="Sophie Delacroix-Burton", day="20240418")


def handbook(path: Path) -> None:
    """A handbook for employees, five pages with a table of contents."""
    flow = Flow(footer="Quillon Software   Benefits handbook 2024")
    flow.space(100)
    flow.heading("Benefits Handbook", 0, bookmark=False)
    flow.text("Quillon Software, January 2024", 13)
    flow.space(30)
    flow.text("Contents", 13, BOLD)
    for title, page in (("1 Leave", 2), ("2 Health", 3), ("3 Pension", 4), ("4 Learning", 4), ("5 Home office", 5)):
        flow.text(f"{title} {'.' * 60} {page}")
    flow.new_page()
    flow.heading("1 Leave")
    flow.heading("1.1 Annual leave", 2)
    flow.text(
        "Every employee has 27 days of paid leave a year. Up to five days may be carried over and must be taken by "
        "31 March. After five years of service there are two more days."
    )
    flow.heading("1.2 Sick leave", 2)
    flow.text(
        "Tell your manager by 9:30 on the first day. A doctor's note is needed from the fourth day. The company pays full "
        "salary for twelve weeks."
    )
    flow.heading("1.3 Parental leave", 2)
    flow.text(
        "The parent who gives birth has 26 weeks at full pay. The other parent has 8 weeks at full pay, to be taken within "
        "the first year."
    )
    flow.heading("1.4 Special leave", 2)
    flow.items(
        "Wedding: 2 days", "Moving house: 1 day", "Death of a close relative: 3 days", "Jury service: as long as needed"
    )
    flow.new_page()
    flow.heading("2 Health")
    flow.heading("2.1 Plans", 2)
    flow.table(
        [
            ["", "Basic", "Plus", "Family"],
            ["Monthly contribution", "$45", "$95", "$210"],
            ["Deductible per year", "$1,500", "$600", "$900"],
            ["Dental", "not covered", "up to $800", "up to $2,000"],
            ["Glasses", "not covered", "$150", "$300"],
            ["Visit to a specialist", "$50", "$25", "$25"],
        ],
        (1.6, 1, 1, 1),
        rules=True,
        caption="Health plans and their costs",
    )
    flow.heading("2.2 Who can join", 2)
    flow.text(
        "Employees who work at least 20 hours a week can join after a probation of three months. Children are covered in the "
        "Family plan until they are 25."
    )
    flow.heading("2.3 Wellness", 2)
    flow.text(
        "The company refunds $40 a month for a gym, a swimming pool or a yoga course. It does not pay for equipment."
    )
    flow.new_page()
    flow.heading("3 Pension")
    flow.text(
        "The company adds 6 percent of salary to the pension if you pay at least 3 percent. You are vested after two years."
    )
    flow.heading("4 Learning")
    flow.text(
        "Each employee has a budget of $1,800 a year for courses, books and conferences, and four days to use it. Unused "
        "money lapses at the end of the year."
    )
    flow.new_page()
    flow.heading("5 Home office")
    flow.text(
        "You may work from home three days a week. New employees get $650 for a desk, a chair and a screen. Work from "
        "abroad is possible for up to 30 days a year with the consent of Human Resources."
    )
    flow.heading("Contacts", 2)
    flow.text("Benefits desk: benefits@quillon.example, extension 4410. Contact for pensions: Yusuf Karaman.")
    flow.save(path, title="Benefits Handbook 2024", author="Quillon Software Human Resources", day="20240108")


def leaflet(path: Path) -> None:
    """The leaflet of a medicine."""
    flow = Flow(body=10, columns=2, margin=44)
    flow.heading("Dolorix 400 mg tablets")
    flow.text("Package leaflet: information for the user. Active substance: fenoprane", font=ITALIC)
    flow.heading("1. What Dolorix is and what it is used for", 3)
    flow.text("Dolorix relieves mild to moderate pain such as headache, toothache and period pain, and lowers fever.")
    flow.heading("2. Before you take Dolorix", 3)
    flow.text(
        "Do not take Dolorix if you are allergic to fenoprane, if you have a stomach ulcer, or in the last three months of "
        "pregnancy. Children under 12 years must not take it."
    )
    flow.text(
        "Talk to your doctor if you take blood thinners such as clotavan, or medicines for high blood pressure. Do not drink "
        "alcohol while you take it. It may make you sleepy: do not drive until you know how it affects you."
    )
    flow.heading("3. How to take Dolorix", 3)
    flow.text(
        "Swallow the tablet with a glass of water, during or after a meal. Do not take it for more than four days without "
        "advice from a doctor."
    )
    flow.table(
        [
            ["Age", "Single dose", "Daily maximum"],
            ["12 to 17 years", "1 tablet", "2 tablets"],
            ["Adults", "1 to 2 tablets", "4 tablets"],
            ["Over 65 years", "1 tablet", "3 tablets"],
        ],
        (1.2, 1.1, 1.2),
        size=8.5,
        rules=True,
    )
    flow.text(
        "Wait at least six hours between two doses. If you have taken too much, call the poison centre at once. If you forget "
        "a dose, do not take a double dose."
    )
    flow.heading("4. Possible side effects", 3)
    flow.items(
        "Common (up to 1 in 10): heartburn, nausea",
        "Uncommon (up to 1 in 100): dizziness, rash",
        "Rare (up to 1 in 1,000): ringing in the ears, swelling of the face",
    )
    flow.heading("5. How to store Dolorix", 3)
    flow.text(
        "Store below 25 degrees C in the original package, out of the reach of children. Use within six months of opening."
    )
    flow.heading("6. Contents and other information", 3)
    flow.text(
        "Each tablet holds 400 mg of fenoprane. Other ingredients: maize starch, cellulose, magnesium stearate. Packs of 10, "
        "20 and 50 tablets. Made by Salvador Pharma Lda., Rua Nova 3, Vilarinho. Last revised in November 2022."
    )
    flow.save(path, title="Dolorix 400 mg package leaflet", author="Salvador Pharma", day="20221115")


def resume(path: Path) -> None:
    """A curriculum vitae."""
    flow = Flow(body=10.5)
    flow.heading("Tamsin Okonjo-Reyes", 0)
    flow.text("Structural engineer. 4 Mill Bank, Corbridge. t.okonjo@mail.example, +44 1632 960 114", color=GREY)
    flow.heading("Experience", 2)
    for when, what, text in (
        (
            "2019 to today",
            "Senior engineer, Halvard Bridges, Newport",
            "Leads a team of six. Designed the footbridge at Arden Lock (span of 84 m), finished in 2022.",
        ),
        (
            "2014 to 2019",
            "Engineer, Cortese & Partners, Turin",
            "Checked 40 motorway bridges for earthquakes. Wrote the office's tool for fatigue.",
        ),
        ("2012 to 2014", "Trainee, City of Bristow", "Inspected retaining walls."),
    ):
        flow.text(f"{when}   {what}", font=BOLD, after=2)
        flow.text(text)
    flow.heading("Education", 2)
    flow.text("2012   MSc Structural Engineering, University of Westmarch, with distinction")
    flow.text("2010   BEng Civil Engineering, University of Westmarch")
    flow.heading("Languages", 2)
    flow.text("English (native), Italian (fluent), Spanish (basic)")
    flow.heading("Skills", 2)
    flow.items("Finite elements: Strato, BeamLab", "Programming: Python, Julia", "Chartered engineer since 2017")
    flow.heading("Interests", 2)
    flow.text("Rowing, choir, restoring old radios")
    flow.save(path, title="Curriculum vitae", author="Tamsin Okonjo-Reyes", day="20240205")


def invoice(path: Path) -> None:
    """An invoice with items and tax."""
    flow = Flow()
    flow.text("Pelletier & Fils Joinery", 17, BOLD)
    flow.text("Workshop 3, Canal Road, Marlow Bridge. VAT number GB 555 0184 22", 9)
    flow.heading("INVOICE 2024-0317")
    flow.text("To: Hotel Belvoir, 2 Park Parade, Marlow Bridge")
    flow.text("Date: 28 May 2024. Due: 27 June 2024. Your order: HB-771 of 2 May 2024")
    flow.table(
        [
            ["Item", "Quantity", "Unit price", "Amount"],
            ["Oak door, fire-rated", "6", "540.00", "3,240.00"],
            ["Window seat, made to measure", "2", "815.00", "1,630.00"],
            ["Brass handle", "14", "22.50", "315.00"],
            ["Fitting, hours", "26", "48.00", "1,248.00"],
            ["Subtotal", "", "", "6,433.00"],
            ["VAT 20%", "", "", "1,286.60"],
            ["Total in pounds", "", "", "7,719.60"],
        ],
        (2.6, 1, 1, 1),
        rules=True,
        bold=(7,),
    )
    flow.text(
        "Payable within 30 days. 2 percent discount for payment within 10 days. Bank: Hollin Bank, account 5550 1849."
    )
    flow.text("Questions? Ask for Corinne Pelletier, 01632 960 557.")
    flow.save(path, title="Invoice 2024-0317", author="Pelletier & Fils Joinery", day="20240528")


def timetable(path: Path) -> None:
    """A timetable of a ferry with notes."""
    flow = Flow((842, 595))
    flow.heading("Skerry Line ferries: Kilbrae - Isle of Torsa")
    flow.text("Summer timetable, 1 May to 30 September 2024. Crossing time: 55 minutes.")
    flow.table(
        [
            ["Departure Kilbrae", "Mon-Fri", "Saturday", "Sunday"],
            ["First sailing", "06:40", "07:30", "09:00"],
            ["Second sailing", "10:15", "11:00", "13:30"],
            ["Third sailing", "14:50", "15:20", "17:45"],
            ["Last sailing", "19:05", "18:40", "20:10"],
        ],
        (2, 1, 1, 1),
        size=11,
        rules=True,
        caption="From Kilbrae",
    )
    flow.table(
        [
            ["Departure Torsa", "Mon-Fri", "Saturday", "Sunday"],
            ["First sailing", "08:00", "09:10", "10:30"],
            ["Second sailing", "12:05", "12:45", "15:15"],
            ["Third sailing", "16:20", "17:00", "19:00"],
            ["Last sailing", "20:30", "20:00", "21:25"],
        ],
        (2, 1, 1, 1),
        size=11,
        rules=True,
        caption="From Torsa",
    )
    flow.heading("Fares (single)", 2)
    flow.table(
        [["", "Adult", "Child 5-15", "Car with driver", "Bicycle"], ["Fare", "$9.40", "$4.70", "$38.00", "$2.00"]],
        (1, 1, 1, 1, 1),
        size=11,
        rules=True,
    )
    flow.items(
        "Children under five travel free.",
        "Cars must be at the pier 30 minutes before departure.",
        "No sailings on 25 August because of the regatta.",
    )
    flow.save(path, title="Summer timetable 2024", author="Skerry Line", day="20240410")


def drill(path: Path, name: str, values: tuple[str, ...], blurb: str, day: str) -> None:
    """A product sheet of a cordless drill."""
    rows = (
        "Battery voltage",
        "Battery capacity",
        "Maximum torque",
        "No-load speed",
        "Chuck",
        "Weight with battery",
        "Charging time",
        "Warranty",
        "Price",
    )
    flow = Flow()
    flow.heading(name)
    flow.text(blurb)
    flow.table(
        [["Feature", name.split()[-1]], *map(list, zip(rows, values, strict=True))],
        (2, 1),
        size=10,
        rules=True,
        caption="Technical data",
    )
    flow.heading("In the box", 2)
    flow.items(
        "Cordless drill", *(["Two batteries", "Charger", "Case"] if "Volta" in name else ["One battery", "Charger"])
    )
    flow.save(path, title=f"{name} product sheet", author=name.split()[0], day=day)


def ferrum(path: Path) -> None:
    """The first of two drills."""
    drill(
        path,
        "Ferrum D18",
        ("18 V", "4.0 Ah", "65 Nm", "1,900 rpm", "13 mm", "1.6 kg", "45 min", "3 years", "$149"),
        "A strong cordless drill for the building site, with a brushless motor and a metal chuck.",
        "20230901",
    )


def volta(path: Path) -> None:
    """The second of two drills."""
    drill(
        path,
        "Volta C20",
        ("20 V", "2.5 Ah", "52 Nm", "1,650 rpm", "10 mm", "1.3 kg", "60 min", "2 years", "$119"),
        "A light cordless drill for work at home, with an LED lamp and a soft grip.",
        "20230910",
    )


def house_rules(path: Path) -> None:
    """House rules in German."""
    flow = Flow(body=11, footer="Hausordnung Lindenhof")
    flow.heading("Hausordnung der Wohnanlage Lindenhof")
    flow.text("Gültig ab 1. Januar 2024. Hausverwaltung Brennecke, Tel. 0555 20 140")
    flow.heading("1. Ruhezeiten", 2)
    flow.text(
        "Zwischen 22 Uhr und 6 Uhr sowie von 13 bis 15 Uhr ist Ruhe zu halten. An Sonn- und Feiertagen gilt das den ganzen Tag. "
        "Musikinstrumente dürfen höchstens zwei Stunden am Tag gespielt werden."
    )
    flow.heading("2. Reinigung", 2)
    flow.text(
        "Die Treppe wird wöchentlich im Wechsel von den Mietern eines Stockwerks geputzt. Im Winter räumt der Hausmeister, "
        "Herr Dombrowsky, den Gehweg bis 7 Uhr."
    )
    flow.heading("3. Müll", 2)
    flow.text(
        "Restmüll wird dienstags abgeholt, Papier jeden zweiten Freitag. Sperrmüll darf nicht im Keller gelagert werden."
    )
    flow.heading("4. Fahrräder und Fahrzeuge", 2)
    flow.text(
        "Fahrräder gehören in den Fahrradkeller, nicht in den Hausflur. Ein Stellplatz in der Tiefgarage kostet 65 Euro im Monat."
    )
    flow.heading("5. Grillen", 2)
    flow.text("Auf den Balkonen ist nur elektrisches Grillen erlaubt. Holzkohle ist verboten.")
    flow.heading("6. Waschküche", 2)
    flow.text(
        "Die Waschküche ist von 7 bis 20 Uhr geöffnet. Ein Waschgang kostet 1,50 Euro; Münzen gibt es beim Hausmeister."
    )
    flow.heading("7. Haustiere", 2)
    flow.text(
        "Kleintiere sind erlaubt. Hunde sind an der Leine zu führen und bedürfen der Zustimmung der Hausverwaltung."
    )
    flow.save(path, title="Hausordnung Lindenhof", author="Hausverwaltung Brennecke", day="20231204")


def coffee(path: Path) -> None:
    """A short manual in Spanish."""
    flow = Flow(body=11)
    flow.heading("Cafetera Aroma 12: guía rápida")
    flow.text("Lea esta guía antes de usar la cafetera por primera vez.")
    flow.heading("Antes del primer uso", 2)
    flow.items(
        "Lave la jarra y el filtro con agua caliente.",
        "Haga funcionar la cafetera dos veces solo con agua.",
        bullet="1",
    )
    flow.heading("Preparar café", 2)
    flow.text(
        "Llene el depósito con agua fría (máximo 1,5 litros). Ponga una cucharada de café por taza. La placa mantiene el café "
        "caliente durante 40 minutos y luego se apaga."
    )
    flow.heading("Limpieza", 2)
    flow.text(
        "Descalcifique la cafetera cada tres meses con vinagre o con el producto DX-5. No sumerja nunca el aparato en agua."
    )
    flow.heading("Datos técnicos", 2)
    flow.table(
        [
            ["Dato", "Valor"],
            ["Potencia", "980 W"],
            ["Capacidad", "12 tazas"],
            ["Longitud del cable", "85 cm"],
            ["Peso", "1,9 kg"],
        ],
        (2, 1),
        size=10,
        rules=True,
    )
    flow.box("ATENCIÓN", "La placa quema. Mantenga la cafetera lejos de los niños.", RED)
    flow.text("Garantía: dos años desde la fecha de compra.")
    flow.save(path, title="Cafetera Aroma 12", author="Aroma", day="20230505")
