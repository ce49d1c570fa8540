"""What a message says, from its elements: forgiving in form, strict in who, to whom, which document and since when."""

from collections.abc import Iterable, Iterator
from datetime import date

from motcua.documents.rules import fields
from motcua.documents.rules.faults import Fault, Unreadable
from motcua.documents.rules.statuses import KINDS, PRIORITIES, STATUS, Kind
from motcua.documents.rules.values import (
    Attached,
    Element,
    Message,
    Organ,
    Reference,
    Replacement,
    Staff,
    Trace,
)

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
ROOTS = frozenset({"edxml", "edxmlenvelope", "edoc", "edocenvelope"})
MOST_RECEIVERS = 5_000
MOST_FILES = 200
LONGEST = {"subject": 2_000, "content": 20_000, "reason": 4_000, "description": 4_000}
LONG = 500
OF_STATUS = ("status", "edxmlstatus")


def read(root: Element) -> Message:
    """The message; Unreadable with every fault that was found."""
    return _Reading(root).message()


def salvage(root: Element | None) -> tuple[str, str]:
    """Who sent a message that can't be read, and which document it was about; "" for what can't be made out."""
    header = (find(root, "messageheader") or root) if root else None
    sender = fields.read_organ(said(child(header, "from"), "organid")) or ""
    text = said(header, "documentid")
    reference = fields.read_reference(text) if text else None
    if reference is None and sender:
        on = fields.read_day(said(header, "promulgationinfo", "promulgationdate"))
        number, notation = said(header, "code", "codenumber"), said(header, "code", "codenotation")
        reference = Reference(sender, on, f"{number}/{notation}") if on and number and notation else None
    return sender, reference.text if reference else ""


def find(element: Element, name: str) -> Element | None:
    """The first element of this name below, at any depth."""
    return next(every(element, name), None)


def every(element: Element, name: str) -> Iterator[Element]:
    """All elements of this name below, in the order of the message."""
    waiting = list(reversed(element.children))
    while waiting:
        one = waiting.pop()
        if one.name == name:
            yield one
        waiting.extend(reversed(one.children))


def child(element: Element | None, name: str) -> Element | None:
    return next((c for c in element.children if c.name == name), None) if element else None


def children(element: Element | None, name: str) -> list[Element]:
    return [c for c in element.children if c.name == name] if element else []


def said(element: Element | None, *path: str) -> str:
    """The text of the element at the end of this path of names; "" if there is none."""
    for name in path:
        element = child(element, name)
    return " ".join(element.text.split()) if element else ""


def _whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else None


class _Reading:
    """One reading: the header that was found, and the faults and remarks that came up."""

    def __init__(self, root: Element) -> None:
        headers = list(every(root, "messageheader"))
        if root.name not in ROOTS and root.name not in OF_STATUS and not headers:
            raise Unreadable(Fault("not-edxml", root.name[:60]))
        if len(headers) > 1:
            raise Unreadable(Fault("header-twice"))
        if not headers:
            if root.name not in OF_STATUS:
                raise Unreadable(Fault("not-edxml", root.name[:60]))
            headers = [root]
        self.root, self.header = root, headers[0]
        self.business = find(root, "bussiness") or find(root, "business")
        self.faults: list[Fault] = []
        self.remarks: list[str] = []
        if NAMESPACE not in root.attributes.values():
            self.remark("namespace-missing")

    def fault(self, name: str, at: str = "") -> None:
        self.faults.append(Fault(name, at[:120]))

    def remark(self, name: str) -> None:
        if name not in self.remarks:
            self.remarks.append(name)

    def long(self, name: str, text: str) -> str:
        if len(text) > LONGEST.get(name, LONG):
            self.fault("text-too-long", name)
        return text

    def message(self) -> Message:
        status = find(self.header, "statuscode")
        sender = self.sender()
        made = self.of_status(sender, status) if status is not None else self.of_document(sender)
        if self.faults:
            raise Unreadable(*dict.fromkeys(self.faults))
        return made

    # --- who ----------------------------------------------------------------------------------------------------

    def organ_code(self, text: str, missing: str, malformed: str) -> str:
        if not text.strip():
            self.fault(missing)
            return ""
        code = fields.read_organ(text)
        if code is None:
            self.fault(malformed, text)
            return ""
        if code != "".join(text.split()):
            self.remark("code-lower-case")
        return code

    def organ(self, element: Element, code: str) -> Organ:
        def told(*names: str) -> str:
            return self.long(names[0], next(filter(None, (said(element, name) for name in names)), ""))

        return Organ(
            code=code,
            name=told("organname"),
            in_charge=told("organizationincharge"),
            address=told("organadd", "organaddress"),
            email=told("email"),
            telephone=told("telephone"),
            fax=told("fax"),
            website=told("website"),
        )

    def sender(self) -> Organ:
        element = child(self.header, "from")
        code = self.organ_code(said(element, "organid"), "sender-missing", "sender-malformed")
        return self.organ(element, code) if element else Organ("")

    def receivers(self) -> tuple[Organ, ...]:
        found = children(self.header, "to") + [e for group in children(self.header, "tos") for e in group.children]
        if len(found) > MOST_RECEIVERS:
            self.fault("too-many-receivers", str(len(found)))
            return ()
        organs: dict[str, Organ] = {}
        for element in found:
            code = self.organ_code(said(element, "organid"), "receiver-missing", "receiver-malformed")
            organs.setdefault(code, self.organ(element, code))
        if not found:
            self.fault("receiver-missing")
        return tuple(organs.values())

    # --- which document -----------------------------------------------------------------------------------------

    def references(self, elements: Iterable[Element | None]) -> tuple[Reference, ...]:
        found = []
        for element in elements:
            text = " ".join(element.text.split()) if element else ""
            if text:
                reference = fields.read_reference(text)
                if reference is None:
                    self.fault("number-malformed", text)
                else:
                    found.append(reference)
        return tuple(found)

    def day(self, text: str) -> date | None:
        """A day that need not be there."""
        if not text:
            return None
        found = fields.read_day(text)
        self.remark("optional-date-malformed" if found is None else "")
        return found

    def promulgated(self, given: Reference | None) -> date | None:
        text = said(self.header, "promulgationinfo", "promulgationdate")
        if not text:
            if given is None or given.on is None:
                self.fault("date-missing")
                return None
            self.remark("date-from-id")
            return given.on
        found = fields.read_day(text)
        if found is None:
            self.fault("date-malformed", text)
        elif text != f"{found:%Y/%m/%d}":
            self.remark("date-other-form")
        return found

    def number(self, given: Reference | None) -> tuple[str, str]:
        code = child(self.header, "code")
        number, notation = said(code, "codenumber"), "".join(said(code, "codenotation").split())
        if "/" in number and not notation:
            number, notation = fields.split_code(number)
        if not number and not notation and code is not None and "/" in said(code):
            number, notation = fields.split_code(said(code))
        if not number and not notation:
            if given is None:
                self.fault("number-missing")
                return "", ""
            self.remark("number-from-id")
            number, notation = fields.split_code(given.code)
        if not fields.NUMBER.fullmatch(number) or not fields.NOTATION.fullmatch(notation):
            self.fault("number-malformed", f"{number}/{notation}")
        elif given is not None and given.code != f"{number}/{notation}":
            same = fields.same_code(given.code, f"{number}/{notation}")
            if same:
                self.remark("number-spelled-otherwise")
            else:
                self.fault("number-contradicts", f"{number}/{notation}, {given.code}")
        return number, notation

    # --- the two sorts of messages ------------------------------------------------------------------------------

    def of_status(self, sender: Organ, status: Element) -> Message:
        code = status.text.strip().zfill(2)
        if code not in STATUS:
            self.fault("status-unknown", status.text.strip())
        answers = children(self.header, "responsefor")
        about = self.references(child(answer, "documentid") for answer in answers)
        if not about and answers:
            organ, on = fields.read_organ(said(answers[0], "organid")), said(answers[0], "promulgationdate")
            number = said(answers[0], "code") or "/".join(
                filter(None, (said(answers[0], "code", "codenumber"), said(answers[0], "code", "codenotation")))
            )
            if organ and number and (day := fields.read_day(on)):
                about = (Reference(organ, day, number),)
        if not about and not self.faults:
            self.fault("status-about-missing")
        return Message(
            kind=Kind.STATUS,
            sender=sender,
            receivers=tuple(
                self.organ(e, code_)
                for e in children(self.header, "to")
                if (code_ := fields.read_organ(said(e, "organid")))
            ),
            about=about,
            status=code,
            description=self.long("description", said(self.header, "description")),
            at=fields.read_moment(said(self.header, "timestamp")),
            staff=self.staff(child(self.header, "staffinfo")),
            remarks=self.noted(),
        )

    def of_document(self, sender: Organ) -> Message:
        header, business = self.header, self.business
        text = said(header, "documentid")
        given = fields.read_reference(text) if text else None
        receivers = self.receivers()
        number, notation = self.number(given)
        promulgated_on = self.promulgated(given)
        kind = self.kind(business)
        about = self.about(kind, business, given)
        other = child(header, "otherinfo")
        priority = _whole_number(said(other, "priority"))
        if priority is not None and priority not in PRIORITIES:
            self.remark("priority-unknown")
            priority = None
        subject = self.long("subject", said(header, "subject"))
        if not subject:
            self.remark("subject-missing")
        changes = [
            (fields.read_organ(said(e, "organid")), said(e, "receivertype"))
            for e in (every(business, "receiver") if business else ())
        ]
        reference = given or (Reference(sender.code, promulgated_on, f"{number}/{notation}") if sender.code else None)
        kind_of = child(header, "documenttype")
        return Message(
            kind=kind,
            sender=sender,
            receivers=receivers,
            reference=reference,
            number=number,
            notation=notation,
            place=self.long("place", said(header, "promulgationinfo", "place")),
            promulgated_on=promulgated_on,
            type=_whole_number(said(kind_of, "type")) or 2,
            type_name=self.long("type", said(kind_of, "typename") or said(kind_of, "typedetail")),
            subject=subject,
            content=self.long("content", said(header, "content")),
            signer=self.long("signer", said(header, "signerinfo", "fullname")),
            signer_position=self.long("position", said(header, "signerinfo", "position")),
            signer_competence=self.long("competence", said(header, "signerinfo", "competence")),
            due_on=self.day(said(header, "duedate")),
            to_places=tuple(self.long("place", said(e)) for e in children(child(header, "toplaces"), "place")),
            priority=priority or 0,
            sphere=self.long("sphere", said(other, "sphereofpromulgation")),
            copies=_whole_number(said(other, "promulgationamount")),
            pages=_whole_number(said(other, "pageamount")),
            appendixes=tuple(self.long("appendix", said(e)) for e in children(child(other, "appendixes"), "appendix")),
            answers=self.references(child(e, "documentid") for e in children(header, "responsefor")),
            steering=_whole_number(said(header, "steeringtype")),
            traces=tuple(
                Trace(organ, fields.read_moment(said(e, "timestamp")))
                for e in every(self.root, "traceheader")
                if (organ := fields.read_organ(said(e, "organid")))
            ),
            about=about,
            reason=self.long("reason", said(business, "bussinessdocreason") or said(business, "businessdocreason")),
            paper=said(business, "paper") in ("1", "true"),
            added=tuple(code for code, sort in changes if code and sort == "1"),
            removed=tuple(code for code, sort in changes if code and sort == "0"),
            replaces=self.replaces(business),
            staff=self.staff(child(business, "staffinfo") or child(header, "staffinfo")),
            files=self.files(),
            remarks=self.noted(),
        )

    def kind(self, business: Element | None) -> Kind:
        text = said(business, "bussinessdoctype") or said(business, "businessdoctype")
        if not text:
            self.remark("kind-missing")
        kind = KINDS.get(text or "0")
        if kind is None:
            self.fault("kind-unknown", text)
        return kind or Kind.NEW

    def about(self, kind: Kind, business: Element | None, given: Reference | None) -> tuple[Reference, ...]:
        """What a recall, an update or a replacement is about; a recall may name it as its own document."""
        if kind is Kind.NEW:
            return ()
        if kind is Kind.REPLACE:
            found = tuple(one.reference for one in self.replaces(business))
        else:
            found = self.references([child(business, "documentid")])
            if not found and kind is Kind.RECALL and given is not None:
                found = (given,)
        if not found and not any(fault.name == "number-malformed" for fault in self.faults):
            self.fault("about-missing")
        return found

    def replaces(self, business: Element | None) -> tuple[Replacement, ...]:
        found = []
        for element in every(business, "replacementinfo") if business else ():
            references = self.references([child(element, "documentid")])
            organs = (fields.read_organ(e.text) for e in every(element, "organid"))
            found += [Replacement(reference, tuple(filter(None, organs))) for reference in references]
        return tuple(found)

    def staff(self, element: Element | None) -> Staff:
        return Staff(
            *(self.long(n, said(element, n)) for n in ("department", "staff", "email", "mobile")),
        )

    def files(self) -> tuple[Attached, ...]:
        manifest = find(self.root, "edxmlmanifest") or find(self.root, "manifest")
        found = []
        for element in children(manifest, "reference"):
            said_ = {name: said(element, name) for name in ("contentid", "attachmentname", "description")}
            found.append(
                Attached(
                    content_id=self.long("contentid", content_id(said_["contentid"])),
                    name=self.long("attachmentname", said_["attachmentname"]),
                    description=self.long("description", said_["description"]),
                    content_type=self.long("contenttype", said(element, "contenttype")),
                )
            )
        if len(found) > MOST_FILES:
            self.fault("too-many-attachments", str(len(found)))
        return tuple(found[:MOST_FILES])

    def noted(self) -> tuple[str, ...]:
        return tuple(filter(None, self.remarks))


def content_id(text: str) -> str:
    """ "cid:Abc" and "Abc" name the same file."""
    text = text.strip()
    return text[4:] if text[:4].casefold() == "cid:" else text
