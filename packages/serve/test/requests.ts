// Conditional and range requests, each with our response; and where another server of standing responds
// otherwise, why ours is so on purpose. The requests know the tags of the server that they go to.
import { MODIFIED, MODIFIED_TEXT } from "./site.ts";

export interface Tags {
  etag: string;
}

type HeadersOf = (tags: Tags) => Record<string, string>;

export interface Case {
  line: string;
  headers?: HeadersOf;
  status: number;
  /** The part of the file that is to come, or the parts. */
  range?: string | string[] | undefined;
  /** Why nginx's answer is another one. */
  differs?: string | undefined;
}

const at = (seconds: number): string =>
  new Date(MODIFIED.getTime() + seconds * 1000).toUTCString();
const EARLIER = at(-3600);
const LATER = at(3600);
const RFC_850 = "Monday, 06-May-24 07:08:09 GMT";
const ASCTIME = "Mon May  6 07:08:09 2024";

const fixed =
  (headers: Record<string, string>): HeadersOf =>
  () =>
    headers;
const tagged =
  (
    name: string,
    text: (etag: string) => string,
    more: Record<string, string> = {},
  ): HeadersOf =>
  ({ etag }) => ({ [name]: text(etag), ...more });
const same = (etag: string): string => etag;

const get = "GET /plain.txt";

function range(
  header: string,
  status: number,
  parts?: string | string[],
  differs?: string,
): Case {
  const headers = fixed({ range: header });
  return { line: get, headers, status, range: parts, differs };
}

function when(
  given: HeadersOf | Record<string, string>,
  status: number,
  differs?: string,
  line = get,
): Case {
  const headers = typeof given === "function" ? given : fixed(given);
  return { line, headers, status, differs };
}

const NONE_MATCH_FIRST =
  "RFC 9110 13.2.2: If-Modified-Since is ignored where there is If-None-Match";
const MATCH_FIRST =
  "RFC 9110 13.2.2: If-Unmodified-Since is ignored where there is If-Match";
const NO_DATE = "RFC 9110 13.1.4: what is no date is ignored";
const ONLY_GET = "RFC 9110 14.2: ranges are of GET only";
const EMPTY_ELEMENTS = "RFC 9110 5.6.1.2: empty elements of a list are ignored";

export const cases: Case[] = [
  // --- no condition ---
  { line: get, status: 200 },
  { line: "GET /", status: 200 },
  { line: "GET /large.bin", status: 200 },
  { line: "GET /empty.txt", status: 200 },
  { line: "HEAD /plain.txt", status: 200 },
  { line: "HEAD /large.bin", status: 200 },
  { line: "GET /page.html?x=1", status: 200 },
  { line: "GET /sub", status: 301 },
  { line: "GET /sub/", status: 200 },
  { line: "GET /missing", status: 404 },
  { line: "GET /bare/", status: 403 },
  { line: "GET /%2e%2e/outside.txt", status: 400 },
  { line: "GET /plain.txt%00", status: 400 },
  { line: "GET /gr%C3%B6%C3%9Fe.txt", status: 200 },
  { line: "GET /sub/../plain.txt", status: 200 },
  { line: "GET //sub///other.txt", status: 200 },
  { line: "POST /plain.txt", status: 405 },

  // --- one range ---
  range("bytes=0-0", 206, "0-0"),
  range("bytes=0-4", 206, "0-4"),
  range("bytes=5-", 206, "5-19"),
  range("bytes=-5", 206, "15-19"),
  range("bytes=-500", 206, "0-19"),
  range("bytes=0-", 206, "0-19"),
  range("bytes=10-500", 206, "10-19"),
  range("bytes=19-19", 206, "19-19"),
  range("bytes=19-", 206, "19-19"),
  range("BYTES=1-2", 206, "1-2"),
  range("bytes= 1 - 2 ", 206, "1-2"),
  range("bytes=20-", 416),
  range("bytes=20-30", 416),
  range("bytes=-0", 416),
  range("bytes=5-2", 416),
  range("bytes=abc", 416),
  range("bytes=", 200),
  range("bytes=-", 416),
  range("bytes=1-x", 416),
  range("bytes=--5", 416),
  range("bytes=0x1-2", 416),
  range("bytes=99999999999999999999-", 416),
  range("lines=1-2", 200),
  range("bytes", 200),
  range("none", 200),
  {
    line: "GET /empty.txt",
    headers: fixed({ range: "bytes=0-" }),
    status: 200,
  },
  {
    line: "GET /empty.txt",
    headers: fixed({ range: "bytes=0-5" }),
    status: 200,
  },
  {
    line: "GET /empty.txt",
    headers: fixed({ range: "bytes=-5" }),
    status: 200,
  },
  {
    line: "GET /empty.txt",
    headers: fixed({ range: "bytes=5-" }),
    status: 416,
  },
  {
    line: "GET /large.bin",
    headers: fixed({ range: "bytes=1000000-2999999" }),
    status: 206,
    range: "1000000-2999999",
  },
  {
    line: "GET /large.bin",
    headers: fixed({ range: "bytes=-1" }),
    status: 206,
    range: "3000002-3000002",
  },
  when({ range: "bytes=0-4" }, 200, ONLY_GET, "HEAD /plain.txt"),

  // --- several ---
  range("bytes=0-1,3-4", 206, ["0-1", "3-4"]),
  range("bytes=0-1, 18-", 206, ["0-1", "18-19"]),
  range("bytes=-2,0-1", 206, ["18-19", "0-1"]),
  range("bytes=0-0,1-1,2-2,3-3,4-4", 206, ["0-0", "1-1", "2-2", "3-3", "4-4"]),
  range("bytes=0-5,2-7", 206, ["0-5", "2-7"]),
  range("bytes=0-1,20-30", 206, "0-1"),
  range("bytes=20-30,40-50", 416),
  range("bytes=0-,0-", 200),
  range("bytes=0-19,0-0", 200),
  range("bytes=0-1,x", 416),
  range("bytes=0-1,", 206, "0-1", EMPTY_ELEMENTS),
  range("bytes=0-1,,3-4", 206, ["0-1", "3-4"], EMPTY_ELEMENTS),
  {
    line: "GET /large.bin",
    headers: fixed({ range: "bytes=0-99999,2000000-2099999,-7" }),
    status: 206,
    range: ["0-99999", "2000000-2099999", "2999996-3000002"],
  },

  // --- does the client have it? ---
  when(tagged("if-none-match", same), 304),
  when(
    tagged("if-none-match", (etag) => `W/${etag}`),
    304,
  ),
  when(
    tagged("if-none-match", (etag) => `"a", ${etag}, "b"`),
    304,
  ),
  when(
    tagged("if-none-match", (etag) => `"a",W/${etag}`),
    304,
  ),
  when({ "if-none-match": "*" }, 304),
  when({ "if-none-match": '"other"' }, 200),
  when({ "if-none-match": 'W/"other", "more"' }, 200),
  when(tagged("if-none-match", same), 304, undefined, "HEAD /plain.txt"),
  when(tagged("if-none-match", same, { range: "bytes=0-1" }), 304),
  when({ "if-modified-since": MODIFIED_TEXT }, 304),
  when({ "if-modified-since": LATER }, 304),
  when({ "if-modified-since": EARLIER }, 200),
  when({ "if-modified-since": RFC_850 }, 304),
  when({ "if-modified-since": ASCTIME }, 304),
  when({ "if-modified-since": "yesterday" }, 200),
  when(
    { "if-modified-since": MODIFIED_TEXT },
    304,
    undefined,
    "HEAD /plain.txt",
  ),
  when(
    tagged("if-none-match", same, { "if-modified-since": MODIFIED_TEXT }),
    304,
  ),
  when(
    tagged("if-none-match", same, { "if-modified-since": EARLIER }),
    304,
    NONE_MATCH_FIRST,
  ),
  when({ "if-none-match": '"other"', "if-modified-since": LATER }, 200),

  // --- is it what the client means? ---
  when(tagged("if-match", same), 200),
  when(
    tagged("if-match", (etag) => `"a", ${etag}`),
    200,
  ),
  when({ "if-match": "*" }, 200),
  when({ "if-match": '"other"' }, 412),
  when(
    tagged("if-match", (etag) => `W/${etag}`),
    412,
  ),
  when({ "if-match": '"other"' }, 412, undefined, "HEAD /plain.txt"),
  when(tagged("if-match", same, { range: "bytes=0-4" }), 206),
  when({ "if-match": '"other"', range: "bytes=0-4" }, 412),
  when({ "if-unmodified-since": MODIFIED_TEXT }, 200),
  when({ "if-unmodified-since": LATER }, 200),
  when({ "if-unmodified-since": EARLIER }, 412),
  when({ "if-unmodified-since": EARLIER, range: "bytes=0-4" }, 412),
  when({ "if-unmodified-since": "yesterday" }, 200, NO_DATE),
  when(
    tagged("if-match", same, { "if-unmodified-since": EARLIER }),
    200,
    MATCH_FIRST,
  ),
  when(tagged("if-match", same, { "if-none-match": '"other"' }), 200),
  when(tagged("if-match", same, { "if-modified-since": MODIFIED_TEXT }), 304),
  when(tagged("if-none-match", same, { "if-match": '"other"' }), 412),

  // --- is the rest of the same thing? ---
  when(tagged("if-range", same, { range: "bytes=5-9" }), 206),
  when({ "if-range": '"other"', range: "bytes=5-9" }, 200),
  when(
    tagged("if-range", (etag) => `W/${etag}`, { range: "bytes=5-9" }),
    200,
  ),
  when({ "if-range": MODIFIED_TEXT, range: "bytes=5-9" }, 206),
  when({ "if-range": LATER, range: "bytes=5-9" }, 200),
  when({ "if-range": EARLIER, range: "bytes=5-9" }, 200),
  when({ "if-range": "nonsense", range: "bytes=5-9" }, 200),
  when({ "if-range": '"other"', range: "bytes=50-" }, 200),
  when(tagged("if-range", same, { range: "bytes=50-" }), 416),
  when(tagged("if-range", same, { range: "bytes=0-1,3-4" }), 206),
  when({ "if-range": '"other"' }, 200),
];
