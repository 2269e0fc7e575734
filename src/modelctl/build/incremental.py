"""From a folder's contents to problems and the desired state; what did not change is not made again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from modelctl.build import compile_catalog, compile_tops
from modelctl.catalog import nodes
from modelctl.catalog.catalog_file import CatalogFile
from modelctl.catalog.compiled_provider import CompiledProvider
from modelctl.catalog.folder import Contents
from modelctl.catalog.load_catalog import Catalog, Loader, ProviderFiles
from modelctl.catalog.parse import Document
from modelctl.check import run_rules, subject_of_catalog, suppress
from modelctl.check.catalog_names import Tallies, names_of
from modelctl.check.policy import NONE, Policy
from modelctl.check.subject import Subject
from modelctl.check.subject_parts import CatalogPart, ProviderPart
from modelctl.errors import Problem, errors_in
from modelctl.litellm_spec.config import custom_prefixes
from modelctl.litellm_spec.machine import Machine
from modelctl.state.desired import DesiredState

Made = tuple[list[Problem], DesiredState | None]


@dataclass(frozen=True)
class _Provider:
    """One provider, compiled and checked by itself."""

    part: CompiledProvider
    subject: Subject
    problems: list[Problem]
    entries: subject_of_catalog.Known  # empty where some are doubtful
    findings: run_rules.Known
    marked: list[Document]


@dataclass
class IncrementalBuild:
    """Builds the same catalog again and again. A provider's result is reused while its files, the day, the policy and
    the prefixes of `custom_provider_map` stay.

    `environ` is the environment that references are looked up in, `machine` the one on which the files
    are looked for that the catalog names; None: not at all.
    """

    environ: Mapping[str, str] | None = None
    machine: Machine | None = None
    _loader: Loader = field(default_factory=Loader)
    _providers: dict[ProviderFiles, _Provider] = field(default_factory=dict)
    _tallies: Tallies = field(default_factory=Tallies)
    _made_for: tuple[date, Policy, frozenset[str]] | None = None
    whole: Subject | None = None  # what the last result was made from, with the places of its parts
    _last: tuple[tuple[Contents, date, Policy], Made] | None = None

    def make(self, contents: Contents, today: date, settings: Policy = NONE) -> Made:
        """Problems sorted by place; the desired state is None when one of them is an error."""
        asked = contents, today, settings
        if self._last is None or self._last[0] != asked:
            self._last = asked, self._make(*asked)
        problems, desired = self._last[1]
        return list(problems), desired

    def _make(self, contents: Contents, today: date, settings: Policy) -> Made:
        written = self._loader.load(contents)
        providers = self._compile(written, today, settings)
        parts = [provider.part for provider in providers]
        routes = compile_tops.routes(written.routes)
        problems = _of_files(written) + [problem for provider in providers for problem in provider.problems]
        subjects = (provider.subject for provider in providers)
        catalog = CatalogPart(written, routes, names_of(written, parts, routes, self._tallies))
        self.whole = subject_of_catalog.of_catalog(
            catalog, subjects, settings, today, environ=self.environ, machine=self.machine
        )
        problems += run_rules.of_whole(self.whole)
        marked = [document for provider in providers for document in provider.marked]
        tops = (file.document for file in written.tops)
        problems = run_rules.settled([*problems, *settings.problems], [*marked, *tops], settings)
        nodes.forget()
        return problems, None if errors_in(problems) else compile_catalog.assemble(written, parts, routes)

    def _compile(self, written: Catalog, today: date, settings: Policy) -> list[_Provider]:
        custom = custom_prefixes(subject_of_catalog.sections(written))
        made_for = today, settings, custom
        reusable = self._providers if self._made_for == made_for else {}
        self._made_for = made_for
        before = {files.id: provider for files, provider in reusable.items()}
        self._providers = {
            files: reusable.get(files) or self._provider(files, before.get(files.id), today, settings, custom=custom)
            for files in written.providers
        }
        return list(self._providers.values())

    def _provider(
        self, files: ProviderFiles, before: _Provider | None, today: date, settings: Policy, *, custom: frozenset[str]
    ) -> _Provider:
        """`before`: the same provider with other files, whose models may be the same for the greater part."""
        part = compile_catalog.part(files, today, before.part if before else None)
        written = ProviderPart(files, part)
        wrong = [file.document for file in files.files if file.problems]  # what is missing there may only be misspelt
        entries = subject_of_catalog.entries(part, wrong, before.entries if before else {})
        subject = subject_of_catalog.of_part(
            written, entries.values(), settings, today, environ=self.environ, custom=custom
        )
        findings_before = before.findings if before and before.part.env_defaults == part.env_defaults else None
        problems, findings = run_rules.of_each_item(subject, findings_before)
        marked = suppress.marked(file.document for file in files.files)
        return _Provider(part, subject, problems, {} if wrong else entries, findings, marked)


def _of_files(written: Catalog) -> list[Problem]:
    return [*written.problems, *(problem for file in _files(written) for problem in file.problems)]


def _files(written: Catalog) -> Iterator[CatalogFile]:
    for provider in written.providers:
        yield from provider.files
    yield from written.tops
