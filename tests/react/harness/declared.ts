// Checked by tsc, never run: the modules are all that lib/modelctl/index.d.ts declares (they may be more).
import type * as client from "../../../src/modelctl/clients/model-client.js";
import type * as facts from "../../../src/modelctl/clients/model-facts.js";
import type * as declared from "@/lib/modelctl";

type Declared = typeof declared;
type Real = Pick<typeof client & typeof facts, keyof Declared>;

export const asDeclared = (real: Real): Declared => real;
