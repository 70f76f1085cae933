"""Errors a user can meet. Each carries one sentence that names the thing and the mend, and its exit code."""

import errno

_MENDS = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space, or have your quota raised",
    errno.EFBIG: "have the limit of file sizes raised",
    errno.EACCES: "mind the permissions",
    errno.EPERM: "mind the permissions",
    errno.EROFS: "name a place that can be written",
    errno.EIO: "see to the disk",
    errno.ENOENT: "check the name",
    errno.ENOTDIR: "check the name",
    errno.EISDIR: "name a file in it",
    errno.ENAMETOOLONG: "give a shorter name",
}


def why(error: OSError) -> str:
    """What the system refused, and the mend: `No space left on device: free some space`."""
    said = error.strerror or str(error)
    return f"{said}: {_MENDS[error.errno]}" if error.errno in _MENDS else said


class ZjcrawlError(Exception):
    """Base of every error that ends a command with a sentence instead of a traceback."""

    exit_code = 1


class InputError(ZjcrawlError):
    """Bad usage or bad input: an option, a file, a page, an archive that cannot be what was asked for."""

    exit_code = 2


class NoArchiveError(InputError):
    """There is no archive where one was to be read."""


class TooLargeError(InputError):
    """A page that unpacks to more than any page is: a decompression bomb, or a mistake."""


class BrokenCodingError(InputError):
    """A body whose content coding is damaged or ends too early: cut on its way, to be asked for again."""


class StorageError(ZjcrawlError):
    """The disk or the database refused. 74 is EX_IOERR of sysexits.h."""

    exit_code = 74


class LockedError(ZjcrawlError):
    """Another run holds the archive. 75 is EX_TEMPFAIL of sysexits.h: try later."""

    exit_code = 75


class NotNowError(ZjcrawlError):
    """It is not the time to ask hosts. 75 is EX_TEMPFAIL of sysexits.h: try later."""

    exit_code = 75


class ConfigError(ZjcrawlError):
    """A configuration that cannot be used. 78 is EX_CONFIG of sysexits.h."""

    exit_code = 78
