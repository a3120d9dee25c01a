"""Shared widgets of the pages, and how a page is put together.

A page reads its widgets, asks metrics.present for words, tables and pictures, and shows them: one file in pages/ and one
entry in dashboard.py. In this order, so that every page reads the same way:

    view, opened = open_page("modeller", QUESTION)        # release, notices, and the choices of the address (parts.page)
    figures = opened.figures
    top = st.empty()                                       # question and answer stand first but are known last
    if not figures.school_years():
        nothing_yet(view, opened, QUESTION, "Vad som hör hit, vilket uttag som ger det.")   # shows it and stops the run
    boxes = st.columns([2, 1, 1])                          # one row of filters (parts.filters, View.choose)
    year = filters.school_year(view, figures, boxes[0])
    provider = filters.provider(view, figures, boxes[1])
    stage = filters.stage(view, figures, boxes[2], indicator=name)
    view.unknown()                                         # what the address says that no page understands
    panel(                                                 # title, sentence, picture, table twin, PNG and SVG (parts.panel)
        ("models", figures.release.id, year, provider),    # the key: release and every choice; built once per key
        name="modeller-karta", title="...", said=sentence, build=lambda colours: say.some_picture(figures, chosen, colours),
        twin=lambda: html.details("Tabell: ...", say.some_table(figures, chosen)), figures=figures,
    )
    st.html(kept(("cards", figures.release.id, year), lambda: say.cards(figures, year)))     # HTML, built once per key
    downloads.table("modeller", lambda: say.rows_for_export(figures, chosen), figures, QUESTION)
    finish(view, opened, top, QUESTION, answer)            # notices, question, answer, source line, address

Everything a reader sees is Swedish and computed in metrics.present, which is tested without a browser. A page never
looks up a number itself and never computes from one that is hidden. Words, signs and colours of verdicts, trends and
statuses stand in metrics.present.marks; HTML is made, and escaped, in metrics.present.html.
"""
