// The types of a FileHandle for those who use it: Node's own, with our options added and with what later versions
// have. There is no code here.
import type fs from "node:fs";
import type { FileHandle as NodeFileHandle } from "node:fs/promises";
import type { ReadableStream } from "node:stream/web";
import type { EventEmitter } from "node:events";
import type { View } from "../descriptors/buffers.ts";
import type { RequestOptions } from "../request-options.ts";
import type { WebStreamOptions } from "./web-stream.ts";

type Read<T> = Promise<{ bytesRead: number; buffer: T }>;
type Written<T> = Promise<{ bytesWritten: number; buffer: T }>;
type Position = number | bigint | null | undefined;
type Time = string | number | Date;

interface WhereToRead extends RequestOptions {
  offset?: number | null | undefined;
  length?: number | null | undefined;
  position?: Position;
}

interface WithOptions {
  read<T extends View>(
    buffer: T,
    offset?: number | null,
    length?: number | null,
    position?: Position,
    options?: RequestOptions,
  ): Read<T>;
  read<T extends View>(buffer: T, options?: WhereToRead): Read<T>;
  read<T extends View = Buffer>(
    options?: WhereToRead & { buffer?: T | undefined },
  ): Read<T>;
  readv<T extends readonly View[]>(
    buffers: T,
    position?: number | null,
    options?: RequestOptions,
  ): Promise<{ bytesRead: number; buffers: T }>;
  write<T extends View>(
    buffer: T,
    offset?: number | null,
    length?: number | null,
    position?: number | null,
    options?: RequestOptions,
  ): Written<T>;
  write<T extends View>(
    buffer: T,
    options?: RequestOptions & {
      offset?: number | undefined;
      length?: number | undefined;
      position?: number | null | undefined;
    },
  ): Written<T>;
  write(
    text: string,
    position?: number | null,
    encoding?: BufferEncoding | null,
    options?: RequestOptions,
  ): Written<string>;
  writev<T extends readonly View[]>(
    buffers: T,
    position?: number | null,
    options?: RequestOptions,
  ): Promise<{ bytesWritten: number; buffers: T }>;
  writeFile(
    data: string | View | Iterable<unknown> | AsyncIterable<unknown>,
    options?:
      | (RequestOptions & { encoding?: BufferEncoding | null | undefined })
      | BufferEncoding
      | null,
  ): Promise<void>;
  chmod(mode: fs.Mode, options?: RequestOptions): Promise<void>;
  chown(uid: number, gid: number, options?: RequestOptions): Promise<void>;
  datasync(options?: RequestOptions): Promise<void>;
  sync(options?: RequestOptions): Promise<void>;
  truncate(len?: number, options?: RequestOptions): Promise<void>;
  utimes(atime: Time, mtime: Time, options?: RequestOptions): Promise<void>;
  readableWebStream(options?: WebStreamOptions): ReadableStream;
  getAsyncId(): number;
  [Symbol.asyncDispose](): Promise<void>;
}

export type FileHandleType = NodeFileHandle & WithOptions & EventEmitter;
