// node valid.mjs FILE: judges a registry item by the schema that the CLI itself exports.
import { readFile } from "node:fs/promises";
import { registryItemSchema } from "shadcn/schema";

const { success, error } = registryItemSchema.safeParse(JSON.parse(await readFile(process.argv[2], "utf8")));
console.log(success ? "valid" : error.message);
process.exitCode = success ? 0 : 1;
