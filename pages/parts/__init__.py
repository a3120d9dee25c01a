"""Shared parts of the pages, and how a page is put together.

A page reads its choices, asks metrics.present for words, tables and pictures, and puts them on its sheet: one file in
pages/ and one entry in dashboard.py. In this order, so that every page reads the same way:

    def build(page: Page) -> Answer:                       # run once per view; every later reader is sent what it made
        view, figures, sheet = page.view, page.figures, page.sheet
        if not figures.school_years():
            return nothing_yet(page, QUESTION, "Vad som hör hit, vilket uttag som ger det.")
        year = filters.school_year(view, figures)          # the row of filters (parts.filters, View.choose)
        provider = filters.provider(view, figures)
        left, right = sheet.columns(1, 1.35)               # sheets beside each other
        panel(                                             # title, sentence, picture, table twin, PNG and SVG (parts.panel)
            left, name="modeller-karta", title="...", said=sentence, build=lambda colours: say.some_picture(figures, chosen, colours),
            twin=html.details("Tabell: ...", say.some_table(figures, chosen)), figures=figures,
        )
        sheet.html(say.cards(figures, year))               # ready HTML; what several views share: parts.kept
        downloads.table(sheet, "modeller", lambda: say.rows_for_export(figures, chosen), figures, QUESTION)
        return Answer(question=QUESTION, sentence=answer)  # with what stands in the source line, and the values shown

    show_page("modeller", QUESTION, build)                 # release, notices, choices of the address (parts.page)

A view is its address and its release and nothing else: boxes are part of the HTML, and samsyn.js goes to the address of
what is chosen. Files are links to what is made when somebody asks for it (parts.files).

Everything a reader sees is Swedish and computed in metrics.present, which is tested without a browser. A page never
looks up a number itself and never computes from one that is hidden. Words, signs and colours of verdicts, trends and
statuses stand in metrics.present.marks; HTML is made, and escaped, in metrics.present.html.
"""
