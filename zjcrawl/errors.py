"""Errors a user can meet. Each carries one sentence that names the thing and the mend, and its exit code."""


class ZjcrawlError(Exception):
    """Base of every error that ends a command with a sentence instead of a traceback."""

    exit_code = 1


class InputError(ZjcrawlError):
    """Bad usage or bad input: an option, a file, a page, an archive that cannot be what was asked for."""

    exit_code = 2


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


class ConfigError(ZjcrawlError):
    """A configuration that cannot be used. 78 is EX_CONFIG of sysexits.h."""

    exit_code = 78
