import { chunksSuite } from "./chunks-suite.ts";

chunksSuite("threads", "pool", "node");
