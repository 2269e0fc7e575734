"""Custom models: one file each below `catalog/providers/<provider>/`, written from a form or as YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelctl.catalog.folder import Folder, Text
from modelctl.catalog.parse import parse
from modelctl.catalog.rewrite import line_owner
from modelctl.catalog.safe_files import digest
from modelctl.errors import CheckFailed, NotFound, Refused, errors_in
from modelctl.service.answer_types import ProblemAnswer
from modelctl.service.catalog_editor import CatalogEditor, Conflict, TriedChange
from modelctl.service.custom_files import CustomFiles, about, model_place
from modelctl.service.file_answer_types import CustomFile, ProposalAnswer
from modelctl.service.file_changes import FileEdit, FilesChange
from modelctl.service.model_text import as_typed, entry, judge, of_model, of_provider, shown
from modelctl.service.outcome import Outcome
from modelctl.state.desired import Deployment, Model
from modelctl.text.nearest import nearest


@dataclass(frozen=True)
class ModelDraft:
    """A model as somebody wants it: its fields or its YAML, and the provider's where that is new."""

    provider: str
    id: str
    model: Mapping[str, Any] | None = None
    text: str | None = None
    new_provider: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Proposal:
    """A draft as a change of files. `comments_kept`: the edit preserves the comments and layout of the present file."""

    draft: ModelDraft
    change: FilesChange
    text: str
    comments_kept: bool = True


class Custom:
    """The custom models of one catalog."""

    def __init__(self, editor: CatalogEditor) -> None:
        self.editor, self.files = editor, CustomFiles(editor)

    # -- reading -------------------------------------------------------------------------------

    def all(self) -> list[CustomFile]:
        """Every file that holds one model, and whether it can be edited here."""
        return self.files.all()

    def one(self, provider: str, id: str) -> CustomFile:
        """Raises NotFound, and Refused for a model that stands in its provider's file."""
        place, raw = self.files.existing(provider, id)
        return entry(provider, id, Text(self.editor.label(place), raw), None)

    # -- writing -------------------------------------------------------------------------------

    def save(
        self, draft: ModelDraft, expect: str | None, *, new: bool, actor: str, force: bool = False
    ) -> tuple[Proposal, TriedChange, Outcome]:
        """Raises what `propose` and `CatalogEditor.write` raise; then nothing was written."""
        with self.editor.writing:
            proposal = self.propose(draft, expect, new=new)
            return proposal, *self.editor.write(proposal.change, actor=actor, force=force)

    def remove(
        self, provider: str, id: str, expect: str | None, *, actor: str, force: bool = False
    ) -> tuple[FilesChange, TriedChange, Outcome]:
        with self.editor.writing:
            change = self.removal(provider, id, expect)
            return change, *self.editor.write(change, actor=actor, force=force)

    # -- proposing -----------------------------------------------------------------------------

    def propose(self, draft: ModelDraft, expect: str | None = None, *, new: bool | None = None) -> Proposal:
        """The change that the draft asks for. `new`: it must not (True) or must (False) be there already.

        `expect` is the digest that the caller read; `*` is any. Raises for names, secrets and conflicts.
        """
        place, before = self.files.find(draft.provider, draft.id) or (model_place(draft.provider, draft.id), None)
        catalog, fields = self.editor.catalog, draft.model or {}
        made = as_typed(draft.text) if draft.text is not None else of_model(catalog, draft.id, fields, before)
        judge(made.text, self.editor.label(place))
        edits = [FileEdit(place, before, made.text)]
        with about("provider"):
            header = self._header(draft)
        if header is not None:
            edits.insert(0, header)
        if new and before is not None:
            raise Conflict(self.editor.label(place), made.text, before, created=True)
        if new is False and before is None:
            raise self.files.nothing(draft.provider, draft.id)
        if expect is not None and expect != "*" and (before is None or expect != digest(before)):
            raise Conflict(self.editor.label(place), made.text, before)
        verb = "add" if before is None else "edit"
        change = FilesChange(f"catalog: {verb} {draft.provider}/{draft.id}", tuple(edits))
        return Proposal(draft, change, made.text, made.kept)

    def removal(self, provider: str, id: str, expect: str | None) -> FilesChange:
        place, before = self.files.existing(provider, id)
        if expect is not None and expect != "*" and expect != digest(before):
            raise Conflict(self.editor.label(place), None, before)
        return FilesChange(f"catalog: remove {provider}/{id}", (FileEdit(place, before, None),))

    def answer(self, proposal: Proposal, trial: TriedChange) -> ProposalAnswer:
        """What an answer says about a proposal; a problem names the field of the model that it is about."""
        files = self.editor.answer(proposal.change, trial)
        return {
            "provider": proposal.draft.provider,
            "id": proposal.draft.id,
            "file": self.editor.label(proposal.change.edits[-1].place),
            "text": shown(proposal.text.encode()),
            "digest": digest(proposal.text.encode()),
            "comments_kept": proposal.comments_kept,
            "files": files["files"],
            "diff": files["diff"],
            "commands": files["commands"],
            "problems": [{**problem, "field": self._field(problem, proposal)} for problem in files["problems"]],
        }

    def _field(self, problem: ProblemAnswer, proposal: Proposal) -> str | None:
        texts = {self.editor.label(edit.place): edit.after or "" for edit in proposal.change.edits}
        field = line_owner(texts.get(problem["file"], ""), problem["line"])
        in_model = problem["file"] == self.editor.label(proposal.change.edits[-1].place)
        return field if in_model or field is None else f"new_provider.{field}"

    def model_in(self, proposal: Proposal, trial: TriedChange) -> Model | None:
        """The model that the proposal makes."""
        data = parse(proposal.text.encode(), "").data or {}
        key = data.get("id") or proposal.draft.id
        providers = (
            provider
            for provider in (trial.desired.providers if trial.desired else ())
            if provider.id == proposal.draft.provider
        )
        return next((model for one in providers for model in one.models if model.id == key), None)

    def deployment_in(self, proposal: Proposal, trial: TriedChange) -> Deployment:
        """The deployment to try it by: of several, one that is new. Raises CheckFailed or Refused."""
        model = self.model_in(proposal, trial)
        if not trial.ok or trial.desired is None or model is None:
            raise CheckFailed("the model has errors, so there is nothing to try", problems=errors_in(trial.problems))
        group = [
            deployment for deployment in trial.desired.deployments.values() if deployment.group == model.public_name
        ]
        live = self.editor.service.snapshot().desired
        known = live.deployments if live else {}
        if not group:
            raise Refused(f"`{model.public_name}` is retired and not rendered: it takes no requests")
        return next((deployment for deployment in group if deployment.id not in known), group[0])

    # -- parts ---------------------------------------------------------------------------------

    def _header(self, draft: ModelDraft) -> FileEdit | None:
        """The provider's own file, where the draft brings a provider that is new."""
        place, raw = self.files.header(draft.provider)
        if raw is not None:
            if draft.new_provider:
                raise Refused(f"there is a provider `{draft.provider}` already, in {self.editor.label(place)}")
            return None
        if not draft.new_provider:
            known = [provider.id for provider in Folder(self.editor.catalog).read().providers]
            near = nearest(draft.provider, known)
            also = f"; did you mean `{near}`?" if near else ""
            hint = "`new_provider` makes one: litellm_provider, api_base and the name of the key's variable"
            raise NotFound(f"no provider `{draft.provider}`{also}", hint=hint)
        text = of_provider(self.editor.catalog, draft.new_provider)
        judge(text, self.editor.label(place))
        return FileEdit(place, None, text)
