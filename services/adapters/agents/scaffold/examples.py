"""An example value for every field; the contract shows them and the tests of the app use them."""

from services.adapters.agents.scaffold.model import Field, Kind, Resource

Value = str | int | float | bool
_TEXTS = {
    "species": "Dog",
    "breed": "Beagle",
    "sku": "SKU-1001",
    "isbn": "978-0-14-032872-1",
    "language": "English",
    "address": "12 Harbour Street",
    "colour": "blue",
    "color": "blue",
    "city": "Lisbon",
    "country": "Portugal",
    "company": "Harbour Works",
    "unit": "kg",
    "genre": "Documentary",
    "author": "Ada Lovelace",
    "speciality": "Surgery",
    "carrier": "Northern Post",
    "code": "A-01",
    "reference": "R-2026-001",
    "serial_number": "SN-48213",
    "plate_number": "AB-123-CD",
    "tracking_number": "T-998877",
    "card_number": "C-1024",
    "number": "N-2026-001",
    "location": "Main hall",
}
_VALUES: dict[Kind, Value] = {
    Kind.email: "ada@example.com",
    Kind.phone: "+351 21 555 0100",
    Kind.url: "https://example.com/page",
    Kind.integer: 12,
    Kind.number: 4.5,
    Kind.money: 12900,
    Kind.minutes: 45,
    Kind.boolean: True,
    Kind.date: "2026-03-31",
    Kind.datetime: "2026-03-31T09:30:00Z",
}


def example(resource: Resource, field: Field) -> Value:
    """A plausible value that the contract accepts."""
    if field.kind is Kind.choice:
        return field.choices[0][0]
    if field.kind in _VALUES:
        return _VALUES[field.kind]
    if field == resource.label and is_person(resource):
        return "Ada Lovelace"
    if field == resource.label and field.name not in _TEXTS:
        return f"First {resource.words}"
    if field.kind is Kind.long:
        return f"All that is worth knowing about this {resource.words}."
    return _TEXTS.get(field.name, f"Some {field.title.lower()}")


def is_person(resource: Resource) -> bool:
    """Whether the resource is people: they have a name, and an email address or a birthday."""
    names = {field.name for field in resource.fields}
    organisations = {"address", "website", "cuisine", "species"}
    return (
        resource.label.name == "name"
        and bool(names & {"email", "born_on"})
        and not names & organisations
    )
