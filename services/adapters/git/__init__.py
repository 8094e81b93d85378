"""Git without a git program: bare repositories, linked worktrees, reading, and safe names.

All functions are synchronous and take host paths; no error message contains one.
"""

from services.adapters.git.names import path_problem, ref_problem, scope_matches, scope_problem
from services.adapters.git.reading import (
    Blob,
    Entry,
    Ref,
    TooLarge,
    list_refs,
    list_tree,
    read_blob,
)
from services.adapters.git.repository import (
    ANY,
    GitFailure,
    MergeConflict,
    RefMoved,
    adopt,
    commit_files,
    ensure_repository,
    merge,
    resolve,
    root,
    set_ref,
)
from services.adapters.git.worktrees import (
    Change,
    FileChange,
    OutsideScope,
    RefusedFiles,
    add_worktree,
    commit_worktree,
    remove_worktree,
)

__all__ = [
    "ANY",
    "Blob",
    "Change",
    "Entry",
    "FileChange",
    "GitFailure",
    "MergeConflict",
    "OutsideScope",
    "Ref",
    "RefMoved",
    "RefusedFiles",
    "TooLarge",
    "add_worktree",
    "adopt",
    "commit_files",
    "commit_worktree",
    "ensure_repository",
    "list_refs",
    "list_tree",
    "merge",
    "path_problem",
    "read_blob",
    "ref_problem",
    "remove_worktree",
    "resolve",
    "root",
    "scope_matches",
    "scope_problem",
    "set_ref",
]
