"""Questions about dossiers: where is it, what is there to do, what happened. Each gives frozen rows."""

from motcua.dossiers.queries.at_counter import most_filed, secret_of
from motcua.dossiers.queries.books import BookQuestion, BookRow, book
from motcua.dossiers.queries.desk_lists import (
    COUNTED_TO,
    PLAIN,
    DeskPage,
    DeskQuestion,
    DeskRow,
    count_work,
    desk_page,
    find_dossiers,
)
from motcua.dossiers.queries.figures import ON_TIME, RATES, SUMS, FiguresQuestion, count_by_area
from motcua.dossiers.queries.folder import (
    AllowedStep,
    ClockRow,
    Folder,
    LogRow,
    NoteRow,
    PaperRow,
    ProcessRow,
    clock_of,
    file_of,
    log_of,
    open_folder,
)
from motcua.dossiers.queries.mine import Standing, Told, standings, told
from motcua.dossiers.queries.records import Record, RecordRow, records
from motcua.dossiers.queries.where import Office, Where, WhereQuestion, of_party, where
from motcua.dossiers.queries.work_lists import LISTS, WorkItem, WorkList, WorkListQuestion, read_cursor, work_lists

__all__ = [
    "COUNTED_TO",
    "LISTS",
    "ON_TIME",
    "PLAIN",
    "RATES",
    "SUMS",
    "AllowedStep",
    "BookQuestion",
    "BookRow",
    "ClockRow",
    "DeskPage",
    "DeskQuestion",
    "DeskRow",
    "FiguresQuestion",
    "Folder",
    "LogRow",
    "NoteRow",
    "Office",
    "PaperRow",
    "ProcessRow",
    "Record",
    "RecordRow",
    "Standing",
    "Told",
    "Where",
    "WhereQuestion",
    "WorkItem",
    "WorkList",
    "WorkListQuestion",
    "book",
    "clock_of",
    "count_by_area",
    "count_work",
    "desk_page",
    "file_of",
    "find_dossiers",
    "log_of",
    "most_filed",
    "of_party",
    "open_folder",
    "read_cursor",
    "records",
    "secret_of",
    "standings",
    "told",
    "where",
    "work_lists",
]
