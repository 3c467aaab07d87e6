// An answer that is no file: its status, and the headers that go with it. It knows no file, and
// reveals nothing of any.
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, headers: Record<string, string> = {}) {
    super(statusText(status));
    this.status = status;
    this.headers = headers;
  }

  /** As frameworks look for it. */
  get statusCode(): number {
    return this.status;
  }
}

const texts: Record<number, string> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  412: "Precondition Failed",
  414: "URI Too Long",
  416: "Range Not Satisfiable",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

export const statusText = (status: number): string => texts[status] ?? "Error";

const BUSY = ["EMFILE", "ENFILE", "ENOMEM", "ETIMEDOUT"];

/** What a failure of the file system is for a client: no more than a number. */
export function httpErrorOf(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code ?? "";
  if (code === "EACCES" || code === "EPERM") return new HttpError(403);
  return new HttpError(BUSY.includes(code) ? 503 : 500);
}
