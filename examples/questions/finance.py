"""Reports of companies: two annual reports of one company, a quarterly report of another, a slide deck."""

# ruff: noqa: E501 (sentences of documents)
from __future__ import annotations

from pathlib import Path

from .flow import BLUE, BOLD, PALE, Flow, pymupdf

INCOME = {
    "Revenue": ("1,284.6", "1,172.3", "1,098.0"),
    "Cost of sales": ("(771.4)", "(715.1)", "(686.2)"),
    "Gross profit": ("513.2", "457.2", "411.8"),
    "Selling, general and administrative expenses": ("(238.5)", "(221.9)", "(207.4)"),
    "Research and development expenses": ("(61.7)", "(54.0)", "(49.6)"),
    "Operating profit": ("213.0", "181.3", "154.8"),
    "Finance costs": ("(18.4)", "(15.2)", "(14.9)"),
    "Profit before tax": ("194.6", "166.1", "139.9"),
    "Income tax expense": ("(46.7)", "(39.9)", "(33.6)"),
    "Profit for the year": ("147.9", "126.2", "106.3"),
    "Diluted earnings per share (dollars)": ("1.91", "1.62", "1.36"),
}
POSITION = {
    "Cash and cash equivalents": ("142.8", "118.5", "113.2"),
    "Trade receivables": ("231.4", "214.9", "201.7"),
    "Inventories": ("198.6", "205.3", "188.4"),
    "Total current assets": ("572.8", "538.7", "503.3"),
    "Property, plant and equipment": ("402.1", "377.5", "351.0"),
    "Intangible assets": ("264.0", "271.8", "236.9"),
    "Total assets": ("1,238.9", "1,188.0", "1,091.2"),
    "Trade payables": ("165.2", "158.7", "149.3"),
    "Short-term borrowings": ("35.0", "40.0", "20.0"),
    "Total current liabilities": ("200.2", "198.7", "169.3"),
    "Long-term borrowings": ("310.0", "330.0", "342.0"),
    "Total liabilities": ("510.2", "528.7", "511.3"),
    "Total equity": ("728.7", "659.3", "579.9"),
}
CASH = {
    "Net cash from operating activities": ("221.5", "186.0", "163.2"),
    "Purchases of property, plant and equipment": ("(74.3)", "(68.9)", "(57.1)"),
    "Acquisition of business, net of cash acquired": ("-", "(45.0)", "-"),
    "Dividends paid": ("(52.0)", "(46.8)", "(41.6)"),
    "Share repurchases": ("(45.9)", "-", "(30.0)"),
    "Repayment of borrowings": ("(25.0)", "(20.0)", "(20.0)"),
    "Net increase in cash and cash equivalents": ("24.3", "5.3", "14.5"),
}
SEGMENTS = {
    "Water": ("612.4", "548.0", "509.1"),
    "Industrial": ("438.7", "421.6", "402.3"),
    "Marine": ("233.5", "202.7", "186.6"),
    "Total": ("1,284.6", "1,172.3", "1,098.0"),
}


def annual(path: Path, year: int) -> None:
    """The annual report of Northgate Pumps plc for 2022 or 2023: eight pages, amounts in millions of dollars."""
    first = 2023 - year
    this, last = str(year), str(year - 1)
    new = year == 2023

    def statement(lines: dict[str, tuple[str, str, str]]) -> list[list[str]]:
        return [["", this, last], *([name, row[first], row[first + 1]] for name, row in lines.items())]

    flow = Flow(footer=f"Northgate Pumps plc   Annual Report {year}")
    flow.space(180)
    flow.heading("Northgate Pumps plc", 0, bookmark=False)
    flow.text(f"Annual Report and Accounts {year}", 16)
    flow.text(f"For the year ended 31 December {year}", 11)
    flow.text("Registered office: 14 Weir Lane, Thornby. Registered number 0417732.", 9)

    flow.new_page()
    flow.heading("Chief executive's review")
    flow.text(
        f"Revenue grew to ${INCOME['Revenue'][first]} million from ${INCOME['Revenue'][first + 1]} million in {last}, "
        + (
            "driven by demand for flood-control pumps in the Water segment and by price increases of about 3 percent."
            if new
            else "helped by the acquisition of Calder Valves, which was completed on 4 April 2022 for $45.0 million in cash."
        )
    )
    flow.text(
        "Gross margin improved because energy costs fell in the second half and because the new foundry at Ostby reached "
        "full output."
        if new
        else "Gross margin improved in spite of higher energy costs, because the product mix moved to larger pumps."
    )
    flow.text(
        "During the year we opened a service centre in Valparaiso and closed the plant in Kelmere, where 120 people worked."
        if new
        else "During the year we began to build a foundry at Ostby, which is to open in the spring of 2023."
    )
    flow.text(
        f"The Board proposes a final dividend of {'31' if new else '28'} cents per share, to be paid on "
        f"{'17 May 2024' if new else '19 May 2023'}. " + "The number of employees at the end of the year was "
        f"{'6,480 (2022: 6,215)' if new else '6,215 (2021: 5,940)'}."
    )
    flow.text("Ines Haldorsen, Chief Executive" if new else "Piet Vancraeyk, Chief Executive", font=BOLD)
    flow.heading("Outlook", 2)
    flow.text(
        "For 2024 we expect revenue to grow by between 4 and 6 percent and capital expenditure of about $80 million."
        if new
        else "For 2023 we expect revenue to grow by between 5 and 8 percent and capital expenditure of about $70 million."
    )

    flow.new_page()
    flow.heading("Principal risks")
    flow.items(
        "Raw materials: prices of steel, copper and castings move, and we cannot always pass them on.",
        "Exchange rates: 58 percent of revenue is earned outside the United Kingdom."
        if new
        else "Exchange rates: 55 percent of revenue is earned outside the United Kingdom.",
        "Cyber security: an attack could stop production."
        + (" In October 2023 an attack stopped two plants for four days." if new else ""),
        "Large projects: a delay of a single flood-control scheme moves revenue from one year to the next.",
        "People: skilled foundry workers are scarce.",
    )
    flow.heading("Litigation", 2)
    flow.text(
        "In March 2023 a customer, the Port of Salmere, brought a claim of $12.5 million for late delivery of marine "
        "pumps. We have made a provision of $4.0 million."
        if new
        else "The Group is not party to any legal proceedings that could have a material effect."
    )

    flow.new_page()
    flow.heading("Consolidated income statement")
    flow.text("In millions of dollars, except per share amounts", 9, after=4)
    flow.table(statement(INCOME), (3, 1, 1), bold=(1, 3, 6, 10))
    flow.heading("Segment revenue", 2)
    flow.table(statement(SEGMENTS), (3, 1, 1), bold=(4,), caption="Note 3. Revenue by segment (in millions of dollars)")

    flow.new_page()
    flow.heading("Consolidated balance sheet")
    flow.text("At 31 December, in millions of dollars", 9, after=4)
    flow.table(statement(POSITION), (3, 1, 1), bold=(4, 7, 10, 12, 13))

    flow.new_page()
    flow.heading("Consolidated statement of cash flows")
    flow.text("In millions of dollars", 9, after=4)
    flow.table(statement(CASH), (3, 1, 1), bold=(1, 7))

    flow.new_page()
    flow.heading("Notes to the accounts")
    flow.heading("Note 1. Accounting policies", 2)
    flow.text(
        "Revenue is recognised when control of a pump passes to the customer, which is usually on delivery. Property, "
        "plant and equipment is depreciated on a straight-line basis: buildings over 40 years, machinery over 12 years, "
        "vehicles over 5 years."
    )
    flow.heading("Note 8. Borrowings", 2)
    flow.text(
        "The Group has a revolving credit facility of $150 million, which expires in June 2027, and a term loan with "
        "Hollin Bank at an interest rate of 4.85 percent. The main covenant is that net debt must not exceed 3.0 times "
        "EBITDA."
    )
    flow.heading("Note 14. Auditor's remuneration", 2)
    flow.text(f"Fees to the auditor, Brandreth & Lowe LLP, were ${'1.9' if new else '1.7'} million.")
    flow.save(
        path, title=f"Northgate Pumps plc Annual Report {year}", author="Northgate Pumps plc", day=f"{year + 1}0312"
    )


def quarter(path: Path) -> None:
    """Brightwater Foods, second quarter of 2024: four columns of two periods, amounts in thousands."""
    head = ["", "Q2 2024", "Q2 2023", "6M 2024", "6M 2023"]
    flow = Flow((612, 792), font="tiro", body=11, footer="Brightwater Foods, Inc.   Form Q-2")
    flow.text("BRIGHTWATER FOODS, INC.", 15, BOLD)
    flow.text("Quarterly report for the period ended June 30, 2024", 12)
    flow.heading("Highlights")
    flow.items(
        "Net sales were $418.2 million, up 6.4% from the second quarter of 2023.",
        "Comparable sales of frozen meals rose 9.1%, while canned soups fell 2.3%.",
        "The company raised its guidance for the full year: net sales of $1.66 to $1.70 billion.",
        "One plant, in Dunmore, was idle for eleven days after a storm in May.",
    )
    flow.bars(
        {"Q2 23": 393.0, "Q3 23": 401.5, "Q4 23": 436.8, "Q1 24": 409.9, "Q2 24": 418.2},
        "Figure 1. Net sales by quarter, in millions of dollars",
    )
    flow.heading("Management's discussion")
    flow.text(
        "Gross margin fell to 29.6% of net sales from 30.4% a year earlier because cocoa and packaging became dearer. "
        "Advertising rose by $3.1 million with the launch of the Hearth & Pan line in April 2024."
    )
    flow.new_page()
    flow.text("BRIGHTWATER FOODS, INC.", 11, BOLD, after=1)
    flow.heading("CONDENSED CONSOLIDATED STATEMENTS OF INCOME")
    flow.text("(Unaudited; in thousands, except per share data)", 9)
    flow.table(
        [
            head,
            ["Net sales", "418,200", "393,000", "828,100", "781,600"],
            ["Cost of goods sold", "294,413", "273,528", "583,810", "545,557"],
            ["Gross profit", "123,787", "119,472", "244,290", "236,043"],
            ["Advertising", "21,400", "18,300", "41,900", "37,200"],
            ["Selling and administrative", "52,650", "50,100", "104,700", "100,900"],
            ["Operating income", "49,737", "51,072", "97,690", "97,943"],
            ["Interest expense", "6,210", "5,480", "12,300", "10,870"],
            ["Income taxes", "10,446", "10,942", "20,494", "20,898"],
            ["Net income", "33,081", "34,650", "64,896", "66,175"],
            ["Diluted earnings per share", "$0.74", "$0.77", "$1.45", "$1.47"],
        ],
        (2.4, 1, 1, 1, 1),
        bold=(3, 6, 9),
    )
    flow.text("BRIGHTWATER FOODS, INC.", 11, BOLD, after=1)
    flow.heading("CONDENSED CONSOLIDATED BALANCE SHEETS")
    flow.text("(Unaudited; in thousands)", 9)
    flow.table(
        [
            ["", "June 30, 2024", "Dec. 31, 2023"],
            ["Cash", "58,940", "71,215"],
            ["Receivables", "96,310", "92,870"],
            ["Inventories", "187,450", "164,020"],
            ["Property, net", "402,600", "398,750"],
            ["Total assets", "745,300", "726,855"],
            ["Accounts payable", "88,120", "81,940"],
            ["Long-term debt", "290,000", "305,000"],
            ["Stockholders' equity", "367,180", "339,915"],
        ],
        (2.4, 1, 1),
        bold=(5,),
    )
    flow.new_page()
    flow.heading("CONDENSED CONSOLIDATED STATEMENTS OF CASH FLOWS")
    flow.text("(Unaudited; in thousands)", 9)
    flow.table(
        [
            ["", "6M 2024", "6M 2023"],
            ["Net cash provided by operating activities", "51,300", "63,800"],
            ["Capital expenditures", "(31,450)", "(28,900)"],
            ["Repayment of long-term debt", "(15,000)", "(10,000)"],
            ["Dividends paid", "(17,125)", "(16,300)"],
            ["Net change in cash", "(12,275)", "8,600"],
        ],
        (2.4, 1, 1),
        bold=(5,),
    )
    flow.heading("Note 7. Subsequent event")
    flow.text(
        "On July 22, 2024 the company agreed to sell its Laketon bakery to Orchard Mills Ltd. for $27.5 million. The sale "
        "is expected to close in the fourth quarter, subject to approval by the competition authority."
    )
    flow.heading("Note 8. Leases")
    flow.text(
        "The company leases nine warehouses. Lease expense for the six months was $5.6 million (2023: $5.2 million)."
    )
    flow.save(path, title="Brightwater Foods Q2 2024 report", author="Brightwater Foods, Inc.", day="20240801")


def deck(path: Path) -> None:
    """Eight slides of a project for solar roofs on schools."""
    flow = Flow((960, 540), margin=60, body=20)

    def slide(title: str, *items: str) -> None:
        if flow.y > flow.top:
            flow.new_page()
        flow.page.draw_rect(pymupdf.Rect(0, 0, 960, 14), color=BLUE, fill=BLUE)
        flow.text(title, 32, BOLD, after=18)
        if items:
            flow.items(*items)
        flow.page.insert_text((890, 520), str(len(flow.pdf)), fontsize=11)

    slide("Sun on Schools")
    flow.text("Solar roofs for 24 schools in Lindmere County", 22)
    flow.text("Steering committee, 12 September 2024. Presented by Rosalind Achterberg.", 16)
    slide(
        "Why now",
        "Electricity costs of the schools doubled in three years",
        "Roofs of 15 schools are renewed anyway",
        "A state grant pays 40% of the investment until 2026",
    )
    slide("Budget")
    flow.table(
        [
            ["Item", "2024", "2025", "2026"],
            ["Panels and inverters", "$620,000", "$1,140,000", "$480,000"],
            ["Roof works", "$210,000", "$350,000", "$90,000"],
            ["Planning and permits", "$95,000", "$40,000", "$15,000"],
            ["Total", "$925,000", "$1,530,000", "$585,000"],
        ],
        (2, 1, 1, 1),
        size=18,
        bold=(4,),
    )
    slide("Expected yield")
    flow.bars(
        {"Ash Hill": 118, "Birch": 94, "Cedar": 156, "Dunes": 61, "Elm Park": 87},
        "Yield of the first five roofs, in MWh per year",
        height=300,
    )
    slide(
        "Timeline",
        "October 2024: tender for the first ten roofs",
        "March 2025: building starts at Cedar School",
        "August 2025: ten roofs connected to the grid",
        "December 2026: all 24 roofs in operation",
    )
    slide(
        "Risks",
        "Grid operator needs up to 9 months for a connection",
        "Two roofs may need new beams",
        "Prices of inverters are fixed only until January 2025",
    )
    slide(
        "Team",
        "Project lead: Rosalind Achterberg",
        "Engineering: Tomas Wieloch",
        "Finance: Priya Ramanathan",
        "Schools liaison: Dele Okafor",
    )
    slide(
        "Decision needed",
        "Approve the tender for ten roofs ($925,000 in 2024)",
        "Name a contact person for every school",
        "Next meeting: 14 November 2024",
    )
    frame = pymupdf.Rect(60, 360, 900, 430)
    flow.page.draw_rect(frame, color=BLUE, fill=PALE)
    flow.page.insert_text((80, 402), "Savings after 2026: about $410,000 a year", fontsize=22, fontname=BOLD)
    flow.save(path, title="Sun on Schools", author="Rosalind Achterberg", day="20240910")
