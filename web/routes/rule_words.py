"""The words of the rules: categories and qualifications, each list on one form. Saved to the draft."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from controller.errors import N_, BadInput
from controller.model.rule_book import Category, Qualification, RuleBook
from controller.model.rule_book_form import to_plain
from controller.services import typed_texts
from controller.services.field_errors import FieldErrors
from controller.services.rules import draft as rule_draft
from controller.services.rules.requests import SaveDraftCategories, SaveDraftQualifications
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.frame.sent_form import Sent, first
from web.routes.rule_areas import parse_name
from web.rules.draft_form import save
from web.rules.form import parse_number

router = guarded_router()
SPARE = 2  # empty rows
Row = dict[str, str]
EMPTY: Row = dict.fromkeys(("name", "was", "label_en", "label_ja", "supervisor", "regular", "warn_days"), "")
CATEGORIES, QUALIFICATIONS = "rule_categories.html", "rule_qualifications.html"


@router.get("/rules/categories")
def categories_page(request: Request, asker: Asker) -> Response:
    book = rule_draft.edited(asker.acting)
    rows = [
        _labels(one) | {"was": one.name, "supervisor": "yes" * one.supervisor, "regular": "yes" * one.regular}
        for one in book.categories.values()
    ]
    return _form(
        request,
        template=CATEGORIES,
        form=Form(),
        rows=rows,
        seen=rule_draft.mark(book, rule_draft.categories),
    )


@router.post("/rules/categories")
def edit_categories(request: Request, asker: Asker, sent: Sent) -> Response:
    rows = _rows(sent, ("was", "supervisor", "regular"))
    form = _form_of(rows, ("name", "label_ja", "label_en"))
    return save(
        asker,
        sent,
        part=rule_draft.categories,
        parse=lambda seen: _save_categories(rows, seen),
        show_again=lambda seen, error: _form(
            request, template=CATEGORIES, form=form, rows=rows, seen=seen, status=form.refuse(error)
        ),
    )


@router.get("/rules/qualifications")
def qualifications_page(request: Request, asker: Asker) -> Response:
    book = rule_draft.edited(asker.acting)
    rows = [_labels(one) | {"warn_days": str(one.warn_days)} for one in book.qualifications.values()]
    return _form(
        request,
        template=QUALIFICATIONS,
        form=Form(),
        rows=rows,
        seen=rule_draft.mark(book, rule_draft.qualifications),
    )


@router.post("/rules/qualifications")
def edit_qualifications(request: Request, asker: Asker, sent: Sent) -> Response:
    rows = _rows(sent, ("warn_days",))
    form = _form_of(rows, ("name", "label_ja", "label_en", "warn_days"))
    return save(
        asker,
        sent,
        part=rule_draft.qualifications,
        parse=lambda seen: _save_qualifications(rows, seen),
        show_again=lambda seen, error: _form(
            request, template=QUALIFICATIONS, form=form, rows=rows, seen=seen, status=form.refuse(error)
        ),
    )


def _save_categories(rows: Sequence[Row], seen: str) -> SaveDraftCategories:
    labels, _ = _parse_rows(rows)
    words = [
        Category(name, label_en, label_ja, supervisor=bool(row["supervisor"]), regular=bool(row["regular"]))
        for (name, label_en, label_ja), row in zip(labels, rows, strict=True)
    ]
    part = to_plain(RuleBook(categories={word.name: word for word in words}))
    renamed = {row["was"]: word.name for row, word in zip(rows, words, strict=True) if row["was"]}
    return SaveDraftCategories(part=part, renamed=renamed, seen=seen)


def _save_qualifications(rows: Sequence[Row], seen: str) -> SaveDraftQualifications:
    labels, warn_days = _parse_rows(rows)
    words = [
        Qualification(name, label_en, label_ja, days)
        for (name, label_en, label_ja), days in zip(labels, warn_days, strict=True)
    ]
    part = to_plain(RuleBook(qualifications={word.name: word for word in words}))
    return SaveDraftQualifications(part=part, seen=seen)


def _labels(one: Category | Qualification) -> Row:
    return {"name": one.name, "label_en": one.label_en, "label_ja": one.label_ja}


def _rows(sent: Sent, more: Sequence[str]) -> list[Row]:
    """Fields are `name.N` and so on; skip rows without a name; `remove.N` removes a row."""
    fields = ("name", "label_en", "label_ja", *more)
    rows = [
        {field: first(sent, f"{field}.{place}") for field in fields}
        for place in sent.get("row", ())
        if not first(sent, f"remove.{place}")
    ]
    return [row for row in rows if row["name"].strip() or row["label_en"].strip() or row["label_ja"].strip()]


def _form_of(rows: Sequence[Row], fields: Sequence[str]) -> Form:
    return Form(fields=[f"{field}.{n}" for n in range(len(rows)) for field in fields])


def _parse_labels(row: Row, n: int) -> tuple[str, str, str]:
    """An error names the field of the row `n`."""
    with FieldErrors() as fields:
        name = fields.check(parse_name, row["name"], f"name.{n}")
        label_en = fields.check(typed_texts.name_text, f"label_en.{n}", row["label_en"])
        label_ja = fields.check(typed_texts.name_text, f"label_ja.{n}", row["label_ja"])
    return name, label_en, label_ja


def _parse_rows(rows: Sequence[Row]) -> tuple[list[tuple[str, str, str]], list[int]]:
    """Code and labels of each row, and its days of warning."""
    codes = [row["name"].strip() for row in rows]
    with FieldErrors() as fields:
        labels = [fields.check(_parse_labels, row, n) for n, row in enumerate(rows)]
        days = [
            fields.check(parse_number, f"warn_days.{n}", row.get("warn_days", ""))
            for n, row in enumerate(rows)
        ]
        for n, code in enumerate(codes):
            if code and code in codes[:n]:
                fields.check(_refuse_twice, n, code)
    return labels, days


def _refuse_twice(n: int, code: str) -> None:
    raise BadInput(f"name.{n}", N_("The code {name} is used twice; change one."), name=code)


def _form(
    request: Request, template: str, form: Form, rows: list[Row], seen: str, status: int = 200
) -> Response:
    return show(request, template, status, form=form, rows=[*rows, *[EMPTY] * SPARE], seen=seen)
