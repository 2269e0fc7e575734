// @ts-check
/** The step that is looked at, in all charts at once: one has the pointer or the focus, the others follow. */
export class Cursor extends EventTarget {
  /** @type {number | null} */
  at = null;
  /** The chart that leads. @type {unknown} */
  of = null;

  /** @param {number} at @param {unknown} of */
  to(at, of) {
    if (at === this.at && of === this.of) return;
    this.at = at;
    this.of = of;
    this.dispatchEvent(new Event("change"));
  }

  away() {
    if (this.at === null) return;
    this.at = this.of = null;
    this.dispatchEvent(new Event("change"));
  }
}
