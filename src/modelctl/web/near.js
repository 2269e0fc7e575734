// @ts-check
/** Names that are a slip of the fingers away: `gtp-5` for `gpt-5-mini`. */

const LEAST = 3; // shorter words are near everything

/** Whether a name in `text` begins, but for a slip, with `word`. @param {string} word @param {string} text lower case */
export function isNear(word, text) {
  if (word.length < LEAST) return false;
  const most = word.length > 5 ? 2 : 1;
  return text
    .split(/\s+/)
    .some((name) => name.length >= word.length && slips(word, name.slice(0, word.length)) <= most);
}

/**
 * How many letters differ, are missing, too many or swapped with their neighbour.
 * @param {string} a @param {string} b
 */
export function slips(a, b) {
  const rows = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(at(rows, i - 1, j) + 1, at([row], 0, j - 1) + 1, at(rows, i - 1, j - 1) + cost));
      if (swapped) row[j] = Math.min(at([row], 0, j), at(rows, i - 2, j - 2) + 1);
    }
    rows.push(row);
  }
  return at(rows, a.length, b.length);
}

/** @param {number[][]} rows @param {number} i @param {number} j */
const at = (rows, i, j) => rows[i]?.[j] ?? Infinity;
