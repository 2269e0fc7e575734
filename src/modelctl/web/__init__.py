"""The page at `/` with its modules under `/web/`, and the drop-ins for other front ends under `/clients/`.

Plain files, served as they are; the page may load nothing else and run nothing written inline.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.responses import HTMLResponse, Response

from modelctl import __version__
from modelctl.errors import NotFound
from modelctl.web.assets import Assets
from modelctl.web.modules import preloaded
from modelctl.web.sections import present

FOLDER = Path(__file__).parent
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-cache",
}

router = APIRouter(include_in_schema=False)
_pages = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=select_autoescape(("html", "j2")), trim_blocks=True, lstrip_blocks=True
)
_assets = {"web": Assets(FOLDER), "clients": Assets(FOLDER.parent / "clients")}


@router.get("/")
async def page(request: Request) -> Response:
    sections = present(request.app)
    modules = preloaded(FOLDER, "app.js", f"{sections[0].id}.js" if sections else "app.js")
    later = {each.id: [one for one in preloaded(FOLDER, f"{each.id}.js") if one not in modules] for each in sections}
    context = {"version": __version__, "sections": sections, "modules": modules, "later": later}
    text = _pages.get_template("page.html.j2").render(context)
    return HTMLResponse(text, headers=HEADERS)


@router.get("/web/{name}")
async def web(request: Request, name: str) -> Response:
    return _asset(request, "web", name)


@router.get("/clients/{name}")
async def clients(request: Request, name: str) -> Response:
    return _asset(request, "clients", name)


def _asset(request: Request, place: str, name: str) -> Response:
    asset = _assets[place].get(name)
    if asset is None:
        raise NotFound(f"there is no /{place}/{name[:80]}")
    return asset.answer(request.headers, HEADERS)
