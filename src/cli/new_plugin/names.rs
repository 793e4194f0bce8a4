//! Names that a plugin's script or crate cannot have, whatever Octavo thinks of them.

use super::Language;

/// A module beside the script is found before Python's own: a script of one of these names would break every script of
/// the folder. The modules of Python's library, and packages that plugins import.
const MODULES: &str = "\
    abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb \
    binascii binhex bisect builtins bz2 calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys \
    compileall compression concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes curses \
    dataclasses datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno \
    faulthandler fcntl filecmp fileinput fnmatch formatter fractions ftplib functools gc genericpath getopt \
    getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib \
    inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma macpath mailbox mailcap \
    marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path \
    numbers opcode operator optparse os ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil platform \
    plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue \
    quopri random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex \
    shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse \
    ssl stat statistics string stringprep struct subprocess sunau symbol symtable sys sysconfig syslog tabnanny \
    tarfile telnetlib tempfile termios textwrap this threading time timeit tkinter token tokenize tomllib trace \
    traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu uuid venv warnings \
    wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo \
    matplotlib numpy octavo_plugin pandas scipy";

/// Words of the language, and what Cargo keeps for itself or the crate depends on.
const CRATES: &str = "\
    abstract alloc as async await become box break build const continue core crate deps do dyn else enum examples \
    extern false final fn for gen if impl in incremental indexmap let loop macro match mod move mut octavo-plugin \
    octavo_plugin override priv proc-macro proc_macro pub ref return schemars self serde static std struct super test \
    trait true try type typeof unsafe unsized use virtual where while yield";

/// Why a plugin in this language cannot have this name.
pub(super) fn taken(name: &str, language: Language) -> Option<&'static str> {
    let has = |list: &str| list.split_whitespace().any(|word| word == name);
    match language {
        Language::Python if has(MODULES) => {
            Some("Python has a module of this name, which the script would hide")
        }
        Language::Rust if has(CRATES) => Some("Rust or Cargo keeps this name for itself"),
        _ => None,
    }
}
