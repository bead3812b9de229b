"""The book: what is appended is stored, once, in order, and never changed."""

from equipoise.record import Book, Draft, Server, Stamp, canonical, create_book


def test_an_event_is_stored_with_who_when_where_what_and_why(each_database: Server) -> None:
    create_book(each_database.connect("owner"), trial="demo", mode="live", writers=["equipoise_conduct"])
    book = Book(each_database.connect("conduct"))
    stamp = Stamp("nurse 7", "coordinator", "Asia/Shanghai", "r-1")
    draft = Draft(
        "WeightMeasured", 1, canonical({"kg": "61.5"}), site="01", participant="01-007", reason="typing error"
    )
    with book.turn(0, "r-1") as turn:
        turn.append(stamp, [draft])
    (event,) = book.read()
    assert (event.sequence, event.part, event.previous) == (1, 1, book.beginning.hash)
    assert (event.actor, event.role, event.zone, event.request) == (
        "nurse 7",
        "coordinator",
        "Asia/Shanghai",
        "r-1",
    )
    assert (event.kind, event.version, event.payload) == ("WeightMeasured", 1, '{"kg":"61.5"}')
    assert (event.site, event.participant, event.reason) == ("01", "01-007", "typing error")
    assert book.head() == turn.head
