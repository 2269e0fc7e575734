// @ts-check
const CSS = `
:host {
  --_ink: var(--ms-ink, light-dark(#1b1f27, #e6e9ef));
  --_quiet: var(--ms-quiet, light-dark(#5b6472, #9aa4b2));
  --_ground: var(--ms-ground, light-dark(#ffffff, #1a1e26));
  --_raised: var(--ms-raised, light-dark(#eef1f6, #252b36));
  --_line: var(--ms-line, light-dark(#d5dae2, #343c49));
  --_accent: var(--ms-accent, light-dark(#3552cc, #8ea6ff));
  --_radius: var(--ms-radius, 8px);
  display: inline-block; min-width: 0; max-width: 100%; width: var(--ms-width, auto);
  font: var(--ms-font, 14px/1.4 system-ui, sans-serif); color: var(--_ink);
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
button, input, select { font: inherit; color: inherit; }
[part=button], [part=native] {
  display: flex; align-items: center; gap: 8px; width: 100%; min-height: 34px; padding: 4px 30px 4px 7px; text-align: start;
  border: 1px solid var(--_line); border-radius: var(--_radius); background: var(--_ground); cursor: pointer; position: relative;
}
[part=button]::after {
  content: ""; position: absolute; right: 12px; top: 50%; width: 6px; height: 6px; border: solid var(--_quiet);
  border-width: 0 1.5px 1.5px 0; transform: translateY(-70%) rotate(45deg);
}
[part=button]:hover { border-color: var(--_quiet); }
[part=button][aria-busy=true] { opacity: .6; }
:disabled { cursor: default; opacity: .6; }
:focus-visible { outline: 2px solid var(--_accent); outline-offset: 1px; }
[part=mark] {
  flex: none; display: inline-grid; place-items: center; width: 22px; height: 22px; border-radius: 6px;
  font-size: 10px; font-weight: 650; letter-spacing: -.02em; overflow: hidden;
}
[part=mark] img { width: 100%; height: 100%; object-fit: contain; }
[part=label], [part=name] { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
[part=popup] {
  position: fixed; inset: auto; margin: 0; padding: 0; border: 1px solid var(--_line); border-radius: calc(var(--_radius) + 2px);
  background: var(--_ground); color: inherit; box-shadow: 0 12px 32px #0003; overflow: hidden;
}
[part=popup]:popover-open { display: flex; flex-direction: column; }
[part=search] { flex: none; border: 0; border-bottom: 1px solid var(--_line); padding: 10px 12px; background: none; outline: none; }
[part=search]:focus { border-bottom-color: var(--_accent); }
[part=search]::placeholder { color: var(--_quiet); opacity: 1; }
[part=list] { overflow: auto; padding: 4px; overscroll-behavior: contain; }
[part=heading] { padding: 8px 8px 4px; font-size: 12px; color: var(--_quiet); }
[part=option] {
  display: flex; align-items: center; gap: 8px; padding: 5px 8px; border-radius: 6px; cursor: pointer;
  content-visibility: auto; contain-intrinsic-size: auto 32px;
}
[part=option][data-active] { background: var(--_raised); box-shadow: inset 2px 0 var(--_accent); }
[part=option][aria-selected=true] [part=name] { font-weight: 650; }
[part=option][data-misfit] [part=name] { color: var(--_quiet); }
[part=facts] { margin-inline-start: auto; flex: none; max-width: 55%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: 12px; color: var(--_quiet); font-variant-numeric: tabular-nums; }
[part=none] { margin: 0; padding: 16px; color: var(--_quiet); text-align: center; }
@media (pointer: coarse) { [part=button], [part=native] { min-height: 44px; } [part=option] { padding-block: 10px; } }
`;

/** @type {CSSStyleSheet | undefined} */
let made;

/** One sheet for all of them. */
export function sheet() {
  if (!made) {
    made = new CSSStyleSheet();
    made.replaceSync(CSS);
  }
  return made;
}
