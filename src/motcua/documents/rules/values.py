"""A message between offices as a value: what QCVN 102:2016 lets it say, in our words."""

from dataclasses import dataclass, field
from datetime import date, datetime

from motcua.documents.rules.statuses import Kind


@dataclass(slots=True)
class Element:
    """An element as it was read, with its name in lower case and without its prefix."""

    name: str
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Organ:
    """Cơ quan, tổ chức: its identifier in either form, and what else the message says of it."""

    code: str
    name: str = ""
    in_charge: str = ""
    address: str = ""
    email: str = ""
    telephone: str = ""
    fax: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Which document is meant: mã định danh văn bản, `000.00.00.G22,2015/09/30,7816/VPCP-TTĐT`."""

    organ: str
    on: date | None
    code: str

    @property
    def text(self) -> str:
        return f"{self.organ},{self.on:%Y/%m/%d},{self.code}" if self.on else f"{self.organ},,{self.code}"


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as the list of attachments names it."""

    content_id: str
    name: str
    description: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """One hop that the message took."""

    organ: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Replacement:
    """A document that is replaced, and for which offices."""

    reference: Reference
    organs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Staff:
    """Who in the sending office knows more."""

    department: str = ""
    name: str = ""
    email: str = ""
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """Gói tin edXML: one document, or one thing that is said of a document sent before."""

    kind: Kind
    sender: Organ
    receivers: tuple[Organ, ...] = ()
    reference: Reference | None = None
    number: str = ""
    notation: str = ""
    place: str = ""
    promulgated_on: date | None = None
    type: int = 2  # 1 văn bản quy phạm pháp luật, 2 văn bản hành chính
    type_name: str = ""
    subject: str = ""
    content: str = ""
    signer: str = ""
    signer_position: str = ""
    signer_competence: str = ""
    due_on: date | None = None
    to_places: tuple[str, ...] = ()
    priority: int = 0
    sphere: str = ""
    copies: int | None = None
    pages: int | None = None
    appendixes: tuple[str, ...] = ()
    answers: tuple[Reference, ...] = ()
    steering: int | None = None
    traces: tuple[Trace, ...] = ()
    about: tuple[Reference, ...] = ()  # what is recalled, updated or replaced, or whose status this is
    reason: str = ""
    paper: bool = False  # the paper follows by post
    added: tuple[str, ...] = ()  # receivers that an update adds
    removed: tuple[str, ...] = ()
    replaces: tuple[Replacement, ...] = ()
    staff: Staff = Staff()
    files: tuple[Attached, ...] = ()
    status: str = ""
    description: str = ""
    at: datetime | None = None
    remarks: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """Số, ký hiệu: 7816/VPCP-TTĐT."""
        return f"{self.number}/{self.notation}" if self.notation else self.number
