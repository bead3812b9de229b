"""The object identifiers (OIDs) of an ODM file, made of the ids of the protocol and of the record, and read back.

SE.<visit>  SE.UNSCHEDULED  SE.ANYTIME  SE.CONDUCT      study events
FO.<form>   IG.<form>       IT.<form>.<item>            forms of the protocol
FO.EQ.<fact>  IG.EQ.<fact>  IT.EQ.<fact>.<field>        facts about a participant that are no form
MU.<unit>   UN.<form>.<item>                            units, and in ODM 2.0 the item that holds that of a value
USR/<person>/<role>         LOC/<site>/<time zone>      who and where
"""

UNSCHEDULED, ANY_TIME, CONDUCT = "SE.UNSCHEDULED", "SE.ANYTIME", "SE.CONDUCT"
FACT = "EQ."
"""How the name of a form begins that holds facts of one kind."""
RECORD = "EQ.RECORD"
"""The item group of what a save says of the record as a whole: its day, edit checks that do not hold, ..."""
MISSING, NOTE, YES_NO = "CL.EQ.MISSING", "CL.EQ.NOTE", "CL.EQ.YN"
UNIT_ITEM = "UN."
"""How the OID of an item begins that holds the unit of another."""
AS_TYPED = "AS TYPED"
"""Flag of an annotation that holds what was typed, where it was in another unit."""


def version_oid(version: str) -> str:
    """Return the OID of the metadata of a protocol version."""
    return f"MDV.{version[:12]}"


def unit_oid(unit: str) -> str:
    """Return the OID of a unit, in ODM 2.0 of the code list that holds it alone."""
    return f"MU.{unit}"


def unit_item(item: str) -> str:
    """Return the OID of the item that holds the unit of an item."""
    return f"{UNIT_ITEM}{item.removeprefix('IT.')}"


def item_of_unit(oid: str) -> str:
    """Return the OID of the item whose unit an item holds."""
    return f"IT.{oid.removeprefix(UNIT_ITEM)}"


def user_oid(person: str, role: str) -> str:
    """Return the OID of a person in a role."""
    return f"USR/{person}/{role}"


def read_user(oid: str) -> tuple[str, str]:
    """Return person and role of a user's OID; ValueError for another OID."""
    kind, _, rest = oid.partition("/")
    person, given, role = rest.rpartition("/")
    if kind != "USR" or not given:
        raise ValueError(oid)
    return person, role


def location_oid(site: str, zone: str) -> str:
    """Return the OID of a site by the clock of a time zone."""
    return f"LOC/{site}/{zone}"


def read_location(oid: str) -> tuple[str, str]:
    """Return site and time zone of a location's OID; ValueError for another OID."""
    kind, _, rest = oid.partition("/")
    site, given, zone = rest.partition("/")
    if kind != "LOC" or not given:
        raise ValueError(oid)
    return site, zone


def read_oid(oid: str | None, kind: str) -> str:
    """Return what follows the kind in an OID, such as `vitals` in `FO.vitals`; ValueError for another OID."""
    found, given, rest = (oid or "").partition(".")
    if found != kind or not given:
        raise ValueError(oid)
    return rest
