// Makes the schema as it is now the released one. It is part of making a release.
import { writeFileSync } from "node:fs";

import { current, print, releasedFile } from "./schema.mjs";

writeFileSync(releasedFile, print(current()));
